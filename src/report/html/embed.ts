import type { Run } from '../../model/run.js';
import { type Markup, rawElement } from './element.js';

const ID = 'vethoscope-run';
/** `<`, line separators, and what a reader of the source would not see. */
const HIDDEN = /[<\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
const OPEN = `<script type="application/json" id="${ID}">`;

/**
 * The run document as a data block, which no browser runs. What could end the block, or would not
 * be seen, is written as JSON escapes.
 */
export const embedRun = (run: Run): Markup =>
  rawElement('script', JSON.stringify(run).replace(HIDDEN, toEscape), { type: 'application/json', id: ID });

const toEscape = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/**
 * The text of the run document inside an HTML report; `null` when there is none. The report writes its block last, and
 * nothing foreign can write such a tag.
 */
export const readRunFromHtml = (html: string): string | null => {
  const start = html.lastIndexOf(OPEN);
  if (start < 0) return null;
  const end = html.indexOf('</script>', start);
  return end < 0 ? null : html.slice(start + OPEN.length, end);
};
