/**
 * Text in lines of at most `width` columns, broken at spaces; a longer word stands alone.
 * @param first what begins the first line
 * @param rest what begins the others
 */
export const wrapped = (text: string, width: number, first: string, rest: string): string => {
  const lines: string[] = [];
  let line = first;
  let empty = true;
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    if (!empty && line.length + 1 + word.length > width) {
      lines.push(line);
      [line, empty] = [rest, true];
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  return `${[...lines, line].join('\n')}\n`;
};
