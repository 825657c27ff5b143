/** Output of a tool that is not what the tool prints. Names the line, so that a bug report can quote it. */
export class ParseError extends Error {
  override readonly name = 'ParseError';
  /** What was parsed: `iptables-save`, `nft -j list ruleset`. */
  readonly source: string;
  /** 1-based; `null` where the text has no lines to speak of (JSON). */
  readonly line: number | null;

  constructor(source: string, line: number | null, problem: string) {
    super(line === null ? `${source}: ${problem}` : `${source}, line ${line}: ${problem}`);
    this.source = source;
    this.line = line;
  }
}
