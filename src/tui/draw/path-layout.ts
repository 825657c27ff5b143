import type { HopFacts, LinkFacts, PathFacts } from './path-facts.js';

export interface Cell {
  readonly facts: HopFacts;
  /** Column of its first character, and columns that it takes. */
  readonly at: number;
  readonly width: number;
  /** The link to the next hop; `null` at the last. */
  readonly next: LinkFacts | null;
}

export interface Layout {
  readonly cells: readonly Cell[];
  /** Hops that are left out before and after. */
  readonly before: number;
  readonly after: number;
  /** Columns between two cells. */
  readonly gap: number;
}

interface Room {
  readonly from: number;
  readonly columns: number;
  readonly gap: number;
  readonly least: number;
  readonly most: number;
}

/** Hops that are drawn: the socket only where the packets end at once. */
const drawn = ({ hops, broken }: PathFacts): readonly HopFacts[] =>
  hops[0]?.hop.role === 'socket' && broken?.from !== hops[0].hop.id ? hops.slice(1) : hops;

/** Puts the hops beside each other; where they do not filled, those around the focus. */
export const layOut = (facts: PathFacts, room: Room, focus: string | null): Layout => {
  const all = drawn(facts);
  const fits = Math.max(1, Math.floor((room.columns + room.gap) / (room.least + room.gap)));
  const count = Math.min(all.length, fits);
  const centre = all.findIndex(({ hop }) => hop.id === (focus ?? facts.broken?.from));
  const start =
    count === all.length || centre < 0 ? 0 : Math.min(Math.max(centre - Math.floor(count / 2), 0), all.length - count);
  const shownHops = all.slice(start, start + count);
  const width = Math.min(room.most, Math.floor((room.columns - (count - 1) * room.gap) / Math.max(count, 1)));
  return {
    before: start,
    after: all.length - start - count,
    gap: room.gap,
    cells: shownHops.map((hop, index) => ({
      facts: hop,
      at: room.from + index * (width + room.gap),
      width,
      next: index < count - 1 ? (facts.links.find(({ link }) => link.from === hop.hop.id) ?? null) : null,
    })),
  };
};
