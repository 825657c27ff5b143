import { inert } from '../../model/inert.js';
import { clip } from '../clip.js';

const MOST = 400;
/** What GitHub would turn into a mention, a reference, a link or an emoji, whatever is in front of it. */
const ACTIVE = /[@#]|:\/\/|www\.|:\w+:|\b[0-9a-f]{7,40}\b/i;
const PUNCTUATION = /[\\`*_{}[\]<>#!|~$&]/g;
/** What begins a list, a heading line or a quotation. */
const LINE_START = /^\s*(?=[-+=])|^\s*\d+(?=[.)](?:\s|$))/;

/** Foreign text inside a Markdown line: nothing of it is markup, a mention or a link. */
export const plain = (text: string): string => {
  const safe = clip(inert(text), MOST);
  return ACTIVE.test(safe) ? span(safe) : escaped(safe);
};

const escaped = (text: string): string =>
  text.replace(PUNCTUATION, (character) => `\\${character}`).replace(LINE_START, (start) => `${start}\\`);

/** Foreign text as a code span. */
export const codeSpan = (text: string): string => span(clip(inert(text), MOST));

const span = (text: string): string => {
  if (text === '') return '';
  const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map((ticks) => ticks.length));
  const ticks = '`'.repeat(longest + 1);
  const room = text.startsWith('`') || text.endsWith('`') || text.trim() === '' ? ' ' : '';
  return `${ticks}${room}${text}${room}${ticks}`;
};

/** Foreign lines in a fence that none of them can close. */
export const fence = (lines: readonly string[], language = ''): string => {
  const body = lines.map((line) => inert(line));
  const longest = Math.max(2, ...body.map((line) => /^\s*(`{3,})/.exec(line)?.[1]?.length ?? 0));
  const ticks = '`'.repeat(longest + 1);
  return [`${ticks}${language}`, ...body, ticks].join('\n');
};

/** A table's row. Bars are escaped, since a table splits at them even in a code span. */
export const row = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replace(/(?<!\\)\|/g, '\\|')).join(' | ')} |`;

export const tableOf = (headings: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(headings), row(headings.map(() => '---')), ...rows.map(row)].join('\n');
