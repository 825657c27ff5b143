import { inert } from '../../model/inert.js';

/** What a piece of text means; the theme says how that looks. */
export type Tone = 'plain' | 'faint' | 'strong' | 'ok' | 'fault' | 'warn' | 'info' | 'selected';

export interface Span {
  readonly text: string;
  readonly tone: Tone;
}

/** One row of the screen. */
export type Line = readonly Span[];

export const span = (text: string, tone: Tone = 'plain'): Span => ({ text, tone });

export const line = (text: string, tone: Tone = 'plain'): Line => [span(text, tone)];

export const BLANK: Line = [];

export const plainText = (spans: Line): string => spans.map(({ text }) => text).join('');

/** Columns of text that `shown` has made. */
export const columnsOf = (text: string): number => [...text].length;

/** Characters that take one column in every terminal: Latin, Greek, Cyrillic, arrows, lines, blocks, shapes. */
const ONE_COLUMN =
  /[^\u0020-\u007e\u00a1-\u00ac\u00ae-\u02ff\u0370-\u0482\u048a-\u058f\u2010-\u2027\u2190-\u23ff\u2500-\u27bf]/gu;

/** Foreign text, harmless and one column for each character; what is neither becomes `\u4e2d`. */
export const shown = (text: string): string =>
  inert(text).replace(ONE_COLUMN, (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16)}`);

/** Foreign text cut to a number of columns, with a mark where something is missing. */
export const cut = (text: string, columns: number, mark = '~'): string => {
  const characters = [...shown(text)];
  return characters.length <= columns
    ? characters.join('')
    : `${characters.slice(0, Math.max(columns - 1, 0)).join('')}${mark}`;
};

/** Text cut or filled to exactly a number of columns. */
export const filled = (text: string, columns: number): string => cut(text, columns).padEnd(columns);

export const centre = (text: string, columns: number): string => {
  const inner = cut(text, columns);
  const left = Math.floor((columns - columnsOf(inner)) / 2);
  return `${' '.repeat(left)}${inner}`.padEnd(columns);
};

export interface Placed extends Span {
  /** Column of its first character. */
  readonly at: number;
}

/** A row with each piece at its column; a piece that begins before the one to its left has ended is moved on. */
export const place = (pieces: readonly Placed[]): Line => {
  const spans: Span[] = [];
  let column = 0;
  for (const { at, text, tone } of [...pieces].sort((one, other) => one.at - other.at)) {
    if (text === '') continue;
    if (at > column) spans.push(span(' '.repeat(at - column)));
    spans.push({ text, tone });
    column = Math.max(at, column) + columnsOf(text);
  }
  return spans;
};
