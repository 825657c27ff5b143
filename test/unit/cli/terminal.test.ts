import { describe, expect, test } from 'vitest';
import { terminalOf } from '../../../src/cli/terminal.js';

const TTY = { isTTY: true, columns: 120 };
const UTF8 = { LANG: 'de_DE.UTF-8', TERM: 'xterm' };

describe('colour', () => {
  test.each([
    [{}, UTF8, TTY, true],
    [{}, UTF8, {}, false],
    [{}, { ...UTF8, NO_COLOR: '1' }, TTY, false],
    [{}, { ...UTF8, NO_COLOR: '' }, TTY, true],
    [{ color: 'always' as const }, { ...UTF8, NO_COLOR: '1' }, {}, true],
    [{ color: false }, { ...UTF8, FORCE_COLOR: '1' }, TTY, false],
    [{}, { ...UTF8, FORCE_COLOR: '1' }, {}, true],
    [{}, { ...UTF8, NO_COLOR: '1', FORCE_COLOR: '1' }, TTY, false],
    [{}, { ...UTF8, TERM: 'dumb' }, TTY, false],
    [{ color: 'never' as const }, UTF8, TTY, false],
  ])('flag, NO_COLOR, FORCE_COLOR, terminal (case %#)', (wishes, environment, stdout, expected) => {
    expect(terminalOf(wishes, environment, stdout).color).toBe(expected);
  });
});

test('only ASCII where the locale is not UTF-8, or where it is asked for', () => {
  expect(terminalOf({}, UTF8, TTY).ascii).toBe(false);
  expect(terminalOf({}, { LANG: 'C' }, TTY).ascii).toBe(true);
  expect(terminalOf({}, { ...UTF8, LC_ALL: 'C' }, TTY).ascii).toBe(true);
  expect(terminalOf({ ascii: true }, UTF8, TTY).ascii).toBe(true);
});

test('80 columns without a terminal or with one of unknown width', () => {
  expect(terminalOf({}, UTF8, TTY).width).toBe(120);
  expect(terminalOf({}, UTF8, {}).width).toBe(80);
  expect(terminalOf({}, UTF8, { isTTY: true, columns: 0 }).width).toBe(80);
});
