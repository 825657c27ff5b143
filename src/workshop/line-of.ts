import { type Document, isMap, isNode, isScalar, type LineCounter } from 'yaml';

/** Keys and indices that lead to a value. */
export type Path = readonly PropertyKey[];

/** `break[0].fault`, as a person writes it; empty for the file as a whole. */
export const pathText = (path: Path): string =>
  path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : `${text === '' ? '' : `${text}.`}${String(part)}`),
    '',
  );

/** Line of a value, counted from 1; of its parent where the value is not there. */
export const lineOf = (document: Document, lines: LineCounter, path: Path): number => {
  for (let length = path.length; length >= 0; length -= 1) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range)
      return lineOfKey(document, lines, path.slice(0, length)) ?? line(lines, node.range[0]);
  }
  return 1;
};

/** Line of the key itself: a value may begin on the next line. */
export const lineOfKey = (document: Document, lines: LineCounter, path: Path): number | null => {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  if (!isMap(parent)) return null;
  const key = parent.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === String(path.at(-1)))?.key;
  return isScalar(key) && key.range ? line(lines, key.range[0]) : null;
};

const line = (lines: LineCounter, offset: number): number => Math.max(lines.linePos(offset).line, 1);
