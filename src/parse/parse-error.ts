/** Text of a tool or file that does not have the shape it must have. */
export class ParseError extends Error {
  override readonly name = 'ParseError';
  /** 1-based line in the text; `null` when the fault is not at one line. */
  readonly line: number | null;

  constructor(message: string, line: number | null) {
    super(message);
    this.line = line;
  }

  /** With the name of what was parsed and the line in the message: `iptables-save, line 12: no table`. */
  static at(source: string, line: number | null, problem: string): ParseError {
    return new ParseError(line === null ? `${source}: ${problem}` : `${source}, line ${line}: ${problem}`, line);
  }
}
