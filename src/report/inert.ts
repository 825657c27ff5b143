const CONTROL = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/**
 * Makes foreign text (interface names, rule comments, tool output) harmless on a terminal: control characters, escape
 * sequences and bidirectional marks become visible `\x1b` forms. Line breaks become `\n`.
 */
export const inert = (text: string): string =>
  text.replace(CONTROL, (character) => {
    if (character === '\n') return '\\n';
    const code = character.codePointAt(0) ?? 0;
    return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });

const PLAIN_WORD = /^(?:[\w%+,./:=@^-]+|!)$/;

/** A command as a person would paste it into a POSIX shell. Words with control characters get `$'…'`. */
export const shellQuote = (argv: readonly string[]): string =>
  argv
    .map((word) => {
      if (PLAIN_WORD.test(word)) return word;
      const safe = inert(word);
      return safe === word ? `'${word.replaceAll("'", `'\\''`)}'` : `$'${safe.replaceAll("'", `\\'`)}'`;
    })
    .join(' ');
