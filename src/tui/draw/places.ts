import type { Glyphs } from '../theme.js';
import { columnsOf, filled, type Line, span } from './line.js';
import type { HopFacts, LinkFacts, PathFacts, StageFacts } from './path-facts.js';

/** A hop or a link, in path order: what can be selected. */
export type Place =
  | { readonly kind: 'hop'; readonly id: string; readonly facts: HopFacts }
  | { readonly kind: 'link'; readonly id: string; readonly facts: LinkFacts };

export const placesOf = ({ hops, links }: PathFacts): readonly Place[] =>
  hops.flatMap((facts): Place[] => {
    const next = links.find(({ link }) => link.from === facts.hop.id);
    const hop: Place = { kind: 'hop', id: facts.hop.id, facts };
    return next ? [hop, { kind: 'link', id: next.link.id, facts: next }] : [hop];
  });

/** The place that is shown: the selected one, else the break. */
export const shownPlace = (places: readonly Place[], selected: string | null, facts: PathFacts): Place | null => {
  const broken = facts.broken && `${facts.broken.from}-${facts.broken.to}`;
  const wanted = selected ?? broken;
  return places.find(({ id }) => id === wanted) ?? null;
};

/** The rows of a list that filled, with the wanted one among them. */
export const windowed = <T>(
  rows: readonly T[],
  wanted: number,
  height: number,
): { rows: readonly T[]; start: number } => {
  const start = Math.min(Math.max(wanted - Math.floor(height / 2), 0), Math.max(rows.length - height, 0));
  return { rows: rows.slice(start, start + height), start };
};

/** A row for each hop and link: counts and state in words; the link that is shown has one for each of its stages too. */
export const placeRows = (
  places: readonly Place[],
  shown: Place | null,
  facts: PathFacts,
  columns: number,
  glyphs: Glyphs,
): readonly Line[] =>
  places.flatMap((row) => {
    const selected = row === shown;
    const mark = selected ? '>' : ' ';
    if (row.kind === 'hop')
      return [hopRow(row.facts, `${mark}${row.facts.number.padEnd(2)}`, selected, facts, columns)];
    const link = linkRow(row.facts, `${mark}${glyphs.bar.padEnd(2)}`, selected, columns);
    return selected ? [link, ...row.facts.stages.map((stage) => stageRow(stage, columns, glyphs))] : [link];
  });

/** Index of the row in the middle of the place that is shown. */
export const shownRow = (places: readonly Place[], shown: Place | null): number => {
  if (shown === null) return 0;
  const stages = shown.kind === 'link' ? shown.facts.stages.length : 0;
  return places.indexOf(shown) + Math.ceil(stages / 2);
};

const WORD_COLUMNS = 11;
const COUNT_COLUMNS = 4;
const OTHER_COLUMNS = 3 + 2 * COUNT_COLUMNS + 2 + WORD_COLUMNS;

const row = (name: string, out: string, back: string, columns: number): string =>
  `${filled(name, Math.max(columns - OTHER_COLUMNS, 6))}${out.padStart(COUNT_COLUMNS)}${back.padStart(COUNT_COLUMNS + 1)} `;

export const placeHead = (columns: number): string => ` # ${row('', 'out', 'back', columns)}state`;

const hopRow = (hop: HopFacts, head: string, selected: boolean, { sent }: PathFacts, columns: number): Line => {
  const socket = hop.hop.role === 'socket';
  const out = socket ? `${sent}` : `${hop.forward ?? '?'}`;
  const back = socket ? '' : `${hop.back ?? '?'}`;
  return [
    span(`${head}${row(hop.name, out, back, columns)}`, selected ? 'selected' : 'plain'),
    span(hop.word, hop.tone),
  ];
};

const linkRow = ({ link, word, tone }: LinkFacts, head: string, selected: boolean, columns: number): Line => {
  const room = columns - 3 - columnsOf(word) - 1;
  return [
    span(head, selected ? 'selected' : 'faint'),
    span(
      `${filled(link.stages.join(' '), Math.max(Math.min(room, columns - 3 - WORD_COLUMNS - 1), 6))} `,
      selected ? 'selected' : 'faint',
    ),
    span(word, tone),
  ];
};

const stageRow = ({ stage, word, tone }: StageFacts, columns: number, glyphs: Glyphs): Line => [
  span(` ${glyphs.bar}   `, 'faint'),
  span(`${filled(stage, Math.max(columns - 5 - WORD_COLUMNS - 1, 6))} `),
  span(word, tone),
];
