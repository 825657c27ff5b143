const MOST = 5;

/** Names that someone who typed `wanted` may have meant, the nearest first. */
export const nearNames = (wanted: string, names: readonly string[]): string[] => {
  const close = wanted.length < 4 ? 1 : 2;
  return [...new Set(names)]
    .map((name) => ({ name, distance: name.includes(wanted) ? 0 : editDistance(wanted, name) }))
    .filter(({ distance }) => distance <= close)
    .sort((one, other) => one.distance - other.distance || one.name.localeCompare(other.name))
    .slice(0, MOST)
    .map(({ name }) => name);
};

/** Insertions, deletions and substitutions that turn one text into the other. */
const editDistance = (one: string, other: string): number => {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [index, char] of [...one].entries()) {
    const next = [index + 1];
    for (const [column, otherChar] of [...other].entries()) {
      const substituted = (row[column] ?? 0) + (char === otherChar ? 0 : 1);
      next.push(Math.min(substituted, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
};
