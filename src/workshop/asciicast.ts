/** What a recording begins with. */
export interface CastHeader {
  readonly width: number;
  readonly height: number;
  /** Milliseconds since 1970. */
  readonly startedMs: number;
  readonly title: string;
  readonly term: string;
}

/**
 * A recording of `script` as asciicast, version 2.
 * @param log what was written to the terminal, after the line with which script begins its file
 * @param timing lines of `seconds bytes`, the classic format of script
 * @see https://docs.asciinema.org/manual/asciicast/v2/
 */
export const toAsciicast = (log: Uint8Array, timing: string, header: CastHeader): string => {
  const { width, height, startedMs, title, term } = header;
  const lines = [
    JSON.stringify({ version: 2, width, height, timestamp: Math.floor(startedMs / 1000), title, env: { TERM: term } }),
  ];
  const decoder = new TextDecoder();
  let [at, seconds] = [log.indexOf(0x0a) + 1, 0];
  for (const line of timing.split('\n')) {
    const [, delay, bytes] = /^(\d+(?:\.\d+)?) (\d+)$/.exec(line) ?? [];
    if (delay === undefined || bytes === undefined) continue;
    seconds += Number(delay);
    const text = decoder.decode(log.subarray(at, at + Number(bytes)), { stream: true });
    at += Number(bytes);
    if (text !== '') lines.push(JSON.stringify([Number(seconds.toFixed(6)), 'o', text]));
  }
  return `${lines.join('\n')}\n`;
};
