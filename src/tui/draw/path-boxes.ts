import type { Glyphs } from '../theme.js';
import { BLANK, centre, cut, filled, type Line, type Placed, place, span } from './line.js';
import type { LinkFacts, PathFacts } from './path-facts.js';
import { type Cell, type Layout, layOut } from './path-layout.js';
import { natPieces, seenText, stopPiece } from './path-notes.js';

/** The path as boxes, for wide screens: requests above, replies below. Seven rows, eight where an address changes. */
export const pathBoxes = (facts: PathFacts, columns: number, focus: string | null, glyphs: Glyphs): readonly Line[] => {
  const layout = layOut(facts, { from: 0, columns, gap: 5, least: 11, most: 15 }, focus);
  const { cells } = layout;
  const nat = natPieces(facts, cells, columns, glyphs);
  return [
    headRow(layout, glyphs),
    place(cells.flatMap((cell) => topOf(cell, glyphs, focus))),
    place(cells.flatMap((cell) => bodyOf(cell, glyphs, layout.gap))),
    place(cells.map((cell) => bottomOf(cell, glyphs))),
    place(cells.map((cell) => piece(cell.at, centre(cell.facts.caption, cell.width), 'faint'))),
    ...(nat.length > 0 ? [place(nat)] : []),
    stopRow(facts, layout, columns, glyphs),
    replyRow(facts, layout, glyphs),
  ];
};

const piece = (at: number, text: string, tone: Placed['tone'] = 'plain'): Placed => ({ at, text, tone });

const headRow = ({ before, after }: Layout, glyphs: Glyphs): Line => [
  span(`request ${glyphs.request}`, 'strong'),
  ...(before + after > 0 ? [span(`   ${before} hops before and ${after} after are not shown`, 'faint')] : []),
];

const topOf = ({ facts, at, width }: Cell, { corners, rule }: Glyphs, focus: string | null): readonly Placed[] => {
  const name = cut(`${facts.number} ${facts.name}`.trim(), width - 5);
  const selected = facts.hop.id === focus;
  const rest = rule.repeat(Math.max(width - [...name].length - 5, 0));
  return [
    piece(at, `${corners[0]}${rule} `),
    piece(at + 3, name, selected ? 'selected' : 'strong'),
    piece(at + 3 + [...name].length, ` ${rest}${corners[1]}`),
  ];
};

const bodyOf = ({ facts, at, width, next }: Cell, glyphs: Glyphs, gap: number): readonly Placed[] => [
  piece(at, glyphs.bar),
  piece(at + 1, centre(seenText(facts), width - 2), facts.tone),
  piece(at + width - 1, glyphs.bar),
  ...(next === null ? [] : [piece(at + width, connector(next, glyphs, gap), toneOf(next))]),
];

const bottomOf = ({ at, width }: Cell, { corners, rule }: Glyphs): Placed =>
  piece(at, `${corners[2]}${rule.repeat(width - 2)}${corners[3]}`);

export const connector = ({ state }: LinkFacts, glyphs: Glyphs, gap: number): string => {
  if (state === 'broken') return filled(`${glyphs.passed.repeat(gap - 2)}${glyphs.broken}`, gap);
  if (state === 'passed') return filled(`${glyphs.passed.repeat(gap - 2)}${glyphs.request}`, gap);
  return filled(glyphs.unreached.repeat(gap - 1), gap);
};

export const toneOf = ({ state }: LinkFacts): Placed['tone'] =>
  state === 'broken' ? 'fault' : state === 'passed' ? 'ok' : 'faint';

const stopRow = (facts: PathFacts, { cells, gap }: Layout, columns: number, glyphs: Glyphs): Line => {
  const stop = stopPiece(facts, cells, gap, columns, glyphs);
  return stop === null ? BLANK : place([stop]);
};

const replyRow = (facts: PathFacts, { cells, gap }: Layout, glyphs: Glyphs): Line =>
  place([
    ...cells.flatMap((cell, index): Placed[] => {
      const count = cell.facts.back === null ? '-' : `${cell.facts.back}/${facts.sent}`;
      const prefix = index === 0 ? `${glyphs.reply} reply ` : '';
      const shownCount = piece(
        cell.at,
        index === 0 ? `${prefix}${count}` : centre(count, cell.width),
        replyTone(cell, facts),
      );
      return cell.next?.replyBroken
        ? [shownCount, piece(cell.at + cell.width + Math.floor(gap / 2), glyphs.cross, 'fault')]
        : [shownCount];
    }),
  ]);

const replyTone = ({ facts: { back } }: Cell, { sent }: PathFacts): Placed['tone'] =>
  back === null || sent === 0 ? 'faint' : back >= sent ? 'ok' : back === 0 ? 'faint' : 'warn';
