/**
 * Breaks a text into lines of at most `width` columns at blanks. A word that is longer stays whole, so that commands
 * and addresses can be copied.
 * @param first what the first line begins with
 * @param rest what the other lines begin with
 */
export const wrap = (text: string, width: number, first = '', rest = first): readonly string[] => {
  const lines: string[] = [];
  let line = first;
  let empty = true;
  for (const word of text.split(' ')) {
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

/** Breaks a command into lines that end in a backslash, so that the whole can be pasted. */
export const wrapCommand = (command: string, width: number, indent: string): readonly string[] => {
  if (indent.length + command.length <= width) return [`${indent}${command}`];
  if (command.includes("'")) return [`${indent}${command}`];
  const lines = wrap(command, width - 2, indent, `${indent}    `);
  return lines.map((line, index) => (index < lines.length - 1 ? `${line} \\` : line));
};
