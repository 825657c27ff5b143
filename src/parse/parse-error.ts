/** Output of a tool, or a file, that does not have the shape it must have. Names the line, so that a bug report can quote it. */
export class ParseError extends Error {
  override readonly name = 'ParseError';
  /** What was parsed: `iptables-save`, `ip -j route`. */
  readonly source: string;
  /** 1-based; `null` where the fault is not at one line. */
  readonly line: number | null;

  constructor(source: string, line: number | null, problem: string) {
    super(line === null ? `${source}: ${problem}` : `${source}, line ${line}: ${problem}`);
    this.source = source;
    this.line = line;
  }
}
