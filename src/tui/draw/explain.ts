import { BLANK, type Line, line } from './line.js';
import { paragraph } from './wrap.js';

/** The page of one cause. */
export interface Explanation {
  readonly code: string;
  readonly cause: string;
  readonly meaning: string;
  readonly path: string;
  readonly decided: string;
  readonly byHand: readonly string[];
  readonly origins: readonly string[];
  readonly fixes: readonly string[];
  readonly prevention: string;
}

export const explainLines = (page: Explanation | null, columns: number): readonly Line[] => {
  if (page === null) return [line('there is no cause to explain', 'faint')];
  const text = (title: string, words: string): readonly Line[] => [
    BLANK,
    line(title, 'strong'),
    ...paragraph('', words, columns, 'plain', 2),
  ];
  const list = (title: string, items: readonly string[]): readonly Line[] => [
    BLANK,
    line(title, 'strong'),
    ...items.flatMap((item) => paragraph('-', item, columns, 'plain', 2)),
  ];
  return [
    line(`${page.code} ${page.cause}`, 'strong'),
    ...paragraph('', page.meaning, columns, 'plain', 0),
    ...text("the packet's path", page.path),
    ...text('how it is decided', page.decided),
    ...list('see it by hand', page.byHand),
    ...list('where it comes from', page.origins),
    ...list('how to mend it', page.fixes),
    ...text('how to prevent it', page.prevention),
  ];
};
