/** Text of a tool or file that does not have the shape it must have. */
export class ParseError extends Error {
  override readonly name = 'ParseError';
  /** 1-based line in the text; `null` when the fault is not at one line. */
  readonly line: number | null;

  constructor(message: string, line: number | null) {
    super(message);
    this.line = line;
  }
}
