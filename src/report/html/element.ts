import { inert } from '../../model/inert.js';

let build: (html: string) => Markup;

/** Markup that this module built. Nothing else can make one, so that a foreign text is never taken for markup. */
export class Markup {
  readonly #html: string;

  private constructor(html: string) {
    this.#html = html;
  }

  static {
    build = (html) => new Markup(html);
  }

  toString(): string {
    return this.#html;
  }
}

export type Child = Markup | string | number | null | readonly Child[];
export type Attributes = Readonly<Record<string, string | number | true | null>>;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * The one door for foreign text: control characters and bidirectional marks become visible, and nothing is left that
 * HTML or SVG could take for markup, in a text as in an attribute. Line breaks stay.
 */
export const escapeText = (text: string): string =>
  text
    .split('\n')
    .map(inert)
    .join('\n')
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');

/** A longer text is cut: it tells nothing more, and the run document has it whole. */
const MOST_TEXT = 600;

const VOID = new Set(['meta', 'link', 'br']);
const NAME = /^[A-Za-z][\w:-]*$/;

/** One element. Attributes that are `null` are left out. @throws TypeError for a name that is none */
export const el = (tag: string, attributes: Attributes = {}, ...children: readonly Child[]): Markup => {
  const words = Object.entries(attributes).flatMap(([name, value]) => {
    if (!NAME.test(name)) throw new TypeError(`not an attribute name: ${name}`);
    if (value === null) return [];
    return [value === true ? ` ${name}` : ` ${name}="${escapeText(String(value))}"`];
  });
  if (!NAME.test(tag)) throw new TypeError(`not a tag name: ${tag}`);
  const open = `<${tag}${words.join('')}>`;
  return build(VOID.has(tag) ? open : `${open}${children.map(render).join('')}</${tag}>`);
};

const render = (child: Child): string => {
  if (child === null) return '';
  if (child instanceof Markup) return child.toString();
  if (typeof child === 'object') return child.map(render).join('');
  return escapeText(cut(String(child)));
};

const cut = (text: string): string =>
  text.length <= MOST_TEXT ? text : `${text.slice(0, MOST_TEXT)}… (${text.length - MOST_TEXT} characters more)`;

/** A text in full, however long: in pieces that are not cut. */
export const whole = (text: string): readonly Child[] => text.match(/[\s\S]{1,500}/g) ?? [];

/** Several children as one. */
export const fragment = (...children: readonly Child[]): Markup => build(children.map(render).join(''));

/** A `style` or `script` element whose text is ours. @throws TypeError when the text could end the element */
export const rawElement = (tag: 'style' | 'script', text: string, attributes: Attributes = {}): Markup => {
  if (/<\/|<!--/.test(text)) throw new TypeError(`the text of <${tag}> could end it`);
  const open = el(tag, attributes).toString().replace(`</${tag}>`, '');
  return build(`${open}${text}</${tag}>`);
};
