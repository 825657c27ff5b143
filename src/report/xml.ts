import { inert } from '../model/inert.js';

/** Foreign text in XML 1.0, as content or attribute: control characters, which XML forbids, become visible. */
export const xmlText = (text: string): string =>
  text
    .split('\n')
    .map(inert)
    .join('\n')
    .replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]|[\ufffe\uffff]/g, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\n', '&#10;');

/** One element with its attributes; `null` ones are left out. Children are XML. */
export const xml = (
  tag: string,
  attributes: Readonly<Record<string, string | number | null>>,
  ...children: readonly string[]
): string => {
  const words = Object.entries(attributes).flatMap(([name, value]) =>
    value === null ? [] : [` ${name}="${xmlText(String(value))}"`],
  );
  return children.length === 0
    ? `<${tag}${words.join('')}/>`
    : `<${tag}${words.join('')}>${children.join('')}</${tag}>`;
};
