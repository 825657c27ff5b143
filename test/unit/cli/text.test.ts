import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shellWords } from '../../../src/cli/shell-words.js';
import { table } from '../../../src/cli/table.js';
import { wrapped } from '../../../src/cli/wrap.js';
import { runCommand } from '../../../src/host/run-command.js';

test('a table aligns its columns and never lets control characters through', () => {
  expect(
    table(
      ['a', 'long'],
      [
        ['1', '2'],
        ['333', '\u001b[31m'],
      ],
    ),
  ).toBe('a    long\n1    2\n333  ?[31m\n');
});

test('words are wrapped at the width; none is lost', () => {
  expect(wrapped('one two three', 8, '- ', '  ')).toBe('- one\n  two\n  three\n');
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-z]{1,12}$/)), fc.integer({ min: 5, max: 40 }), (words, width) => {
      const lines = wrapped(words.join(' '), width, '  ', '  ').trimEnd().split('\n');
      expect(lines.join(' ').split(/\s+/).filter(Boolean)).toEqual(words);
      for (const line of lines) if (line.trim().includes(' ')) expect(line.length).toBeLessThanOrEqual(width);
    }),
  );
});

test('a shell reads back exactly the words that were quoted', async () => {
  const words = ['plain', "it's", '$(id)', 'a b', '', '\\', '"', '*', 'new\nline', '-n'];
  const { stdout } = await runCommand(['sh', '-c', `printf '%s|' ${shellWords(words)}`]);
  expect(stdout).toBe(`${words.join('|')}|`);
});
