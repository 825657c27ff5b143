import type { Glyphs } from '../theme.js';
import { BLANK, cut, filled, type Line, type Placed, place } from './line.js';
import { connector, toneOf } from './path-boxes.js';
import type { PathFacts } from './path-facts.js';
import { type Cell, layOut } from './path-layout.js';
import { natPieces, stopPiece } from './path-notes.js';

const MARGIN = 9;

/** The path in four rows, five where an address changes, for small screens. */
export const pathLine = (facts: PathFacts, columns: number, focus: string | null, glyphs: Glyphs): readonly Line[] => {
  const { cells, gap, before, after } = layOut(
    facts,
    { from: MARGIN, columns: columns - MARGIN - 1, gap: 5, least: 9, most: 12 },
    focus,
  );
  const counts = (count: (cell: Cell) => number | null): readonly Placed[] =>
    cells.map((cell) => ({ at: cell.at, text: filled(String(count(cell) ?? '?'), cell.width), tone: 'plain' }));
  const replyBreak = cells.flatMap((cell): Placed[] =>
    cell.next?.replyBroken ? [{ at: cell.at + cell.width + 1, text: glyphs.cross, tone: 'fault' }] : [],
  );
  const nat = natPieces(facts, cells, columns, glyphs);
  const stop = stopPiece(facts, cells, gap, columns, glyphs);
  const margin = (text: string): Placed => ({ at: 1, text, tone: 'strong' });
  return [
    place([
      margin(before + after > 0 ? cut(`${before}< >${after}`, MARGIN - 2) : `out ${glyphs.request}`),
      ...cells.flatMap((cell): Placed[] => [
        {
          at: cell.at,
          text: filled(`${cell.facts.number} ${cell.facts.name}`.trim(), cell.width),
          tone: cell.facts.hop.id === focus ? 'selected' : 'strong',
        },
        ...(cell.next === null
          ? []
          : [{ at: cell.at + cell.width, text: ` ${connector(cell.next, glyphs, gap - 1)}`, tone: toneOf(cell.next) }]),
      ]),
    ]),
    place([margin('seen'), ...counts(({ facts: hop }) => hop.forward)]),
    place([margin(`back ${glyphs.reply}`), ...counts(({ facts: hop }) => hop.back), ...replyBreak]),
    ...(nat.length > 0 ? [place(nat)] : []),
    stop === null ? BLANK : place([stop]),
  ];
};
