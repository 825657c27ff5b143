import { shellQuote } from '../../model/inert.js';
import { type Child, el, fragment, type Markup, whole } from './element.js';

const FOLD_LINES = 3;

/** A numbered section with its heading. */
export const section = (number: number, id: string, title: string, ...children: readonly Child[]): Markup =>
  el(
    'section',
    { id, 'aria-labelledby': `${id}-h` },
    el('h2', { id: `${id}-h` }, el('span', { class: 'number' }, number), title),
    children,
  );

/** Characters from which on a command may need to be scrolled, and so to be reached by the keyboard. */
const LONG_COMMAND = 400;

/** A command to paste, whole. The copy button is added by the script, where scripts run. */
export const command = (argv: readonly string[]): Markup => {
  const text = shellQuote(argv);
  const scrolls = text.length > LONG_COMMAND ? { tabindex: 0, role: 'group', 'aria-label': 'command' } : {};
  return el('pre', { class: 'command' }, el('code', scrolls, whole(text)));
};

export const commands = (list: readonly (readonly string[])[]): Markup => fragment(...list.map(command));

/** Output of a program; folded when it is long. */
export const output = (text: string, summary = 'output'): Markup => {
  const body = el('pre', { class: 'output', tabindex: 0, role: 'group', 'aria-label': summary }, lines(text));
  if (text.split('\n').length <= FOLD_LINES && text.length < 400) return body;
  return el('details', {}, el('summary', {}, summary), body);
};

/** Each line is a text of its own, so that only overlong lines are cut. */
const lines = (text: string): readonly Child[] =>
  text.split('\n').flatMap((line, index) => (index === 0 ? [line] : ['\n', line]));

export const list = (items: readonly Child[]): Markup =>
  el(
    'ul',
    {},
    items.map((item) => el('li', {}, item)),
  );

/** A table in a box of its own, which scrolls where the screen is narrow. */
export const table = (caption: string, headings: readonly string[], rows: readonly (readonly Child[])[]): Markup =>
  el(
    'div',
    { class: 'scroll', tabindex: 0, role: 'group', 'aria-label': caption },
    el(
      'table',
      {},
      el('caption', {}, caption),
      el(
        'thead',
        {},
        el(
          'tr',
          {},
          headings.map((heading) => el('th', { scope: 'col' }, heading)),
        ),
      ),
      el(
        'tbody',
        {},
        rows.map((cells) =>
          el(
            'tr',
            {},
            cells.map((cell) => el('td', {}, cell)),
          ),
        ),
      ),
    ),
  );

/** Facts as term and description. Those without a value are left out. */
export const facts = (rows: readonly (readonly [string, Child])[]): Markup =>
  el(
    'dl',
    {},
    rows.flatMap(([term, value]) => (value === null ? [] : [el('dt', {}, term), el('dd', {}, value)])),
  );

export const fold = (summary: Child, ...children: readonly Child[]): Markup =>
  el('details', {}, el('summary', {}, summary), children);

export const code = (text: string): Markup => el('code', {}, text);
