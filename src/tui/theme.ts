import type { Tone } from './draw/line.js';

/** What Ink's Text takes; colours are of the 16 ANSI ones, and the background is never painted. */
export interface TextLook {
  readonly color?: string;
  readonly bold?: boolean;
  readonly dimColor?: boolean;
  readonly inverse?: boolean;
}

export type Looks = Readonly<Record<Tone, TextLook>>;

export const THEME_NAMES = ['auto', 'dark', 'light', 'mono', 'cb'] as const;
export type ThemeName = (typeof THEME_NAMES)[number];

const mono: Looks = {
  plain: {},
  faint: { dimColor: true },
  strong: { bold: true },
  ok: {},
  fault: { bold: true },
  warn: { bold: true },
  info: {},
  selected: { inverse: true },
};

const dark: Looks = {
  ...mono,
  ok: { color: 'green' },
  fault: { color: 'red', bold: true },
  warn: { color: 'yellow' },
  info: { color: 'cyan' },
};

/** Yellow and cyan cannot be read on white, nor can faint text on many light schemes. */
const light: Looks = {
  ...mono,
  faint: {},
  ok: { color: 'green' },
  fault: { color: 'red', bold: true },
  warn: { color: 'magenta' },
  info: { color: 'blue' },
};

/** For those who do not tell red from green: blue is fine, bold yellow is not. */
const colourBlind: Looks = {
  ...mono,
  ok: { color: 'blue' },
  fault: { color: 'yellow', bold: true },
  warn: { color: 'magenta' },
  info: {},
};

const none: Looks = { plain: {}, faint: {}, strong: {}, ok: {}, fault: {}, warn: {}, info: {}, selected: {} };

const THEMES: Readonly<Record<ThemeName, Looks>> = { auto: dark, dark, light, mono, cb: colourBlind };

export interface Glyphs {
  readonly passed: string;
  readonly broken: string;
  readonly unreached: string;
  readonly cross: string;
  readonly request: string;
  readonly reply: string;
  readonly up: string;
  readonly dot: string;
  readonly live: string;
  readonly rule: string;
  readonly bar: string;
  readonly corners: readonly [string, string, string, string];
  /** From empty to full. */
  readonly spark: readonly string[];
  readonly more: string;
  readonly arrows: string;
  readonly arrow: string;
}

const UNICODE: Glyphs = {
  passed: '═',
  broken: '✗',
  unreached: '·',
  cross: '✗',
  request: '▶',
  reply: '◀',
  up: '▲',
  dot: '·',
  live: '●',
  rule: '─',
  bar: '│',
  corners: ['┌', '┐', '└', '┘'],
  spark: ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
  more: '…',
  arrows: '↑↓',
  arrow: '→',
};

const ASCII: Glyphs = {
  passed: '=',
  broken: 'X',
  unreached: '.',
  cross: 'X',
  request: '>',
  reply: '<',
  up: '^',
  dot: '-',
  live: '*',
  rule: '-',
  bar: '|',
  corners: ['+', '+', '+', '+'],
  spark: ['_', '.', '-', '~', '=', '+', '*', '#'],
  more: '~',
  arrows: 'up/down',
  arrow: '->',
};

/** How the screen looks: tones and glyphs. */
export interface Skin {
  readonly looks: Looks;
  readonly glyphs: Glyphs;
  readonly ascii: boolean;
}

/** `color: false` leaves all attributes away: state is always a word or a glyph as well. */
export const skinOf = (wish: {
  readonly theme: ThemeName;
  readonly color: boolean;
  readonly ascii: boolean;
}): Skin => ({
  looks: wish.color ? THEMES[wish.theme] : none,
  glyphs: wish.ascii ? ASCII : UNICODE,
  ascii: wish.ascii,
});
