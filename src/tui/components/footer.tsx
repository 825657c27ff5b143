import type { ReactElement } from 'react';
import { type FooterFacts, figuresLine, keysLines } from '../draw/footer.js';
import { useSkin } from '../hooks/use-skin.js';
import type { Keymap } from '../keymap.js';
import { Rows } from './rows.js';

interface FooterProps {
  readonly facts: FooterFacts;
  readonly keymap: Keymap;
  readonly columns: number;
  /** Rows for the keys. */
  readonly keyRows: number;
}

/** What was changed, what runs, and which keys there are. */
export const Footer = ({ facts, keymap, columns, keyRows }: FooterProps): ReactElement => {
  const { glyphs } = useSkin();
  return (
    <Rows
      lines={[figuresLine(facts, columns, glyphs), ...keysLines(keymap, columns, keyRows, glyphs)]}
      width={columns}
    />
  );
};
