export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** What the live screen needs at least. */
export const SMALLEST: Size = { columns: 80, rows: 24 };

/** From here on the path is drawn with boxes, and the hops stand beside the diagnosis. */
export const WIDE: Size = { columns: 100, rows: 30 };

export const reaches = (size: Size, wanted: Size): boolean =>
  size.columns >= wanted.columns && size.rows >= wanted.rows;

interface Output {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
}

interface Input {
  readonly isTTY?: boolean | undefined;
  readonly setRawMode?: unknown;
}

/**
 * Why the screen cannot be opened here, in words that end in "text mode"; `null` when it can. `quiet` is true where the
 * reason is plain to who started the program and needs no line.
 */
export const screenObstacle = (
  output: Output,
  input: Input,
  environment: Readonly<Record<string, string | undefined>>,
): { readonly reason: string; readonly quiet: boolean } | null => {
  const plain = (reason: string) => ({ reason, quiet: true });
  if (output.isTTY !== true) return plain('standard output is no terminal');
  if (input.isTTY !== true || typeof input.setRawMode !== 'function') return plain('standard input is no terminal');
  if (environment['TERM'] === 'dumb') return plain('the terminal is dumb');
  if (environment['INK_SCREEN_READER'] === 'true') return plain('a screen reader is in use');
  const { columns = 0, rows = 0 } = output;
  if (!columns || !rows)
    return { reason: 'the terminal does not tell its size, the live view needs 80x24; text mode:', quiet: false };
  if (reaches({ columns, rows }, SMALLEST)) return null;
  return {
    reason: `terminal is ${columns}x${rows}, the live view needs ${SMALLEST.columns}x${SMALLEST.rows}; text mode:`,
    quiet: false,
  };
};
