import { expect, test } from 'vitest';
import { quoted } from '../../src/lab/topology.js';
import { labForTest, PROGRAM } from '../helpers/lab.js';

/** Runs a trace on a pseudo-terminal that is set up by `stty`, and gives what it showed: at most 100 kB. */
const onTerminal = async (stty: string, args: readonly string[]): Promise<string> => {
  const lab = await labForTest('textbook');
  const command = [...PROGRAM, 'trace', 'net1', '203.0.113.5', ...args].map(quoted).join(' ');
  const script = `script -qec ${quoted(`stty ${stty}; ${command}`)} /dev/null </dev/null | head -c 100000`;
  const { stdout } = await lab.exec(['bash', '-c', script], {
    timeoutMs: 20_000,
    env: { TERM: 'xterm', LC_ALL: 'C.UTF-8' },
  });
  return stdout;
};

test('a terminal that does not know its size gets text and no spinner without end', async () => {
  const shown = await onTerminal('rows 0 cols 0', []);
  expect(shown.length).toBeLessThan(10_000);
  expect(shown).toContain('203.0.113.5');
  expect(shown).not.toContain('\u001b[1A');
});

test('a terminal shows progress, and the cursor is back at the end', async () => {
  const shown = await onTerminal('rows 24 cols 80', ['--no-tui']);
  expect(shown).toMatch(/following the path|starting the captures|probing/);
  expect(shown.lastIndexOf('\u001b[?25h')).toBeGreaterThan(shown.lastIndexOf('\u001b[?25l'));
});

test('--no-color is obeyed on a terminal', async () => {
  expect(await onTerminal('rows 24 cols 80', ['--no-tui', '--no-color'])).not.toMatch(/\u001b\[3\dm/);
});
