/**
 * Breaks a text into lines of at most `width` columns at blanks. A word that is longer stays whole, so that commands
 * and addresses can be copied.
 * @param first what the first line begins with
 * @param rest what the other lines begin with
 */
export const wrap = (text: string, width: number, first = '', rest = first): readonly string[] =>
  wrapWords(text.split(' '), width, first, rest);

const wrapWords = (words: readonly string[], width: number, first: string, rest: string): readonly string[] => {
  const lines: string[] = [];
  let line = first;
  let empty = true;
  for (const word of words) {
    if (!empty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = rest;
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...lines, line];
};

/**
 * Breaks a command between its words into lines that end in a backslash, so that the whole can be pasted.
 * @param command words, each quoted for the shell
 */
export const wrapCommand = (command: readonly string[], width: number, indent: string): readonly string[] => {
  const whole = `${indent}${command.join(' ')}`;
  if (whole.length <= width) return [whole];
  const lines = wrapWords(command, width - 2, indent, `${indent}    `);
  return lines.map((line, index) => (index < lines.length - 1 ? `${line} \\` : line));
};
