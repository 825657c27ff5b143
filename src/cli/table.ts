/** Rows in columns two spaces apart, under a heading. Control characters are shown as `?`. */
export const table = (heading: readonly string[], rows: readonly (readonly string[])[]): string => {
  const clean = [heading, ...rows].map((row) => row.map((cell) => cell.replace(/[\u0000-\u001f\u007f-\u009f]/g, '?')));
  const widths = heading.map((_, column) => Math.max(...clean.map((row) => (row[column] ?? '').length)));
  return clean
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
};
