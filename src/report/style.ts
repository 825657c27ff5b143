export interface TextOptions {
  /** `quiet` is the diagnosis line alone. */
  readonly form: 'short' | 'full' | 'quiet';
  readonly color: boolean;
  /** Without characters outside ASCII. */
  readonly ascii: boolean;
  /** Columns of the terminal. */
  readonly width: number;
}

export type Paint = (text: string) => string;

export interface Style {
  readonly error: Paint;
  readonly warning: Paint;
  readonly good: Paint;
  readonly faint: Paint;
  readonly strong: Paint;
  readonly glyphs: Glyphs;
}

export interface Glyphs {
  readonly arrow: string;
  readonly back: string;
  readonly broken: string;
  readonly silent: string;
  readonly corner: string;
  readonly cross: string;
}

const UNICODE: Glyphs = { arrow: '──▶', back: '◀──', broken: '──✗', silent: '···', corner: '└', cross: '✗' };
const ASCII: Glyphs = { arrow: '-->', back: '<--', broken: '--X', silent: '...', corner: '+', cross: 'X' };

const paint =
  (on: boolean, code: number): Paint =>
  (text) =>
    on && text !== '' ? `\u001b[${code}m${text}\u001b[0m` : text;

/** Colours of the 16 ANSI ones, and glyphs; a state is always a word as well. */
export const styleOf = (options: Pick<TextOptions, 'color' | 'ascii'>): Style => ({
  error: paint(options.color, 31),
  warning: paint(options.color, 33),
  good: paint(options.color, 32),
  faint: paint(options.color, 2),
  strong: paint(options.color, 1),
  glyphs: options.ascii ? ASCII : UNICODE,
});
