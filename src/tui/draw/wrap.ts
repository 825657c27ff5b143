import { columnsOf, type Line, shown, span, type Tone } from './line.js';

/** Pieces of foreign text, of at most a number of columns each, broken at blanks where there are any. */
export const pieces = (text: string, columns: number): readonly string[] => {
  const room = Math.max(columns, 1);
  const lines: string[] = [];
  let current = '';
  for (const word of shown(text).split(' ')) {
    const joined = current === '' ? word : `${current} ${word}`;
    if (columnsOf(joined) <= room) {
      current = joined;
      continue;
    }
    if (current !== '') lines.push(current);
    let rest = [...word];
    while (rest.length > room) {
      lines.push(rest.slice(0, room).join(''));
      rest = rest.slice(room);
    }
    current = rest.join('');
  }
  return [...lines, current];
};

/** A named paragraph: the name in the margin of the first row, the text beside it. */
export const paragraph = (
  name: string,
  text: string,
  columns: number,
  tone: Tone = 'plain',
  margin = 6,
): readonly Line[] =>
  pieces(text, columns - margin).map((piece, index) => [
    span((index === 0 ? name : '').padEnd(margin), 'faint'),
    span(piece, tone),
  ]);
