import type { Glyphs } from '../theme.js';
import { columnsOf, cut, type Placed } from './line.js';
import type { HopFacts, PathFacts } from './path-facts.js';
import type { Cell } from './path-layout.js';

/** How many requests were seen at a hop, in words. */
export const seenText = ({ hop, forward }: HopFacts): string => {
  if (hop.role === 'socket') return 'sends';
  if (hop.down) return 'down';
  if (forward === null) return '-     ?';
  return `${hop.role === 'container' ? 'sent' : 'seen'} ${String(forward).padStart(2)}`;
};

/** Where an address changes: the new one, below the hop at which it was first seen. */
export const natPieces = (
  { rewrites }: PathFacts,
  cells: readonly Cell[],
  columns: number,
  glyphs: Glyphs,
): readonly Placed[] =>
  rewrites
    .filter(({ way }) => way === 'forward')
    .flatMap((rewrite): Placed[] => {
      const cell = cells.find(({ facts }) => facts.hop.id === rewrite.toHop);
      if (cell === undefined) return [];
      const text = cut(
        `NAT ${rewrite.field === 'source' ? 'src' : 'dst'} ${glyphs.arrow} ${rewrite.after}`,
        columns - 2,
      );
      return [{ at: Math.max(0, Math.min(cell.at, columns - columnsOf(text) - 1)), text, tone: 'info' }];
    });

/** The one break, below the link where the packets end, with the stage in words. */
export const stopPiece = (
  { broken, returns }: PathFacts,
  cells: readonly Cell[],
  gap: number,
  columns: number,
  glyphs: Glyphs,
): Placed | null => {
  const cell = cells.find(({ facts }) => facts.hop.id === broken?.from);
  if (broken === null || cell === undefined) return null;
  const text = `${glyphs.up} ${returns ? 'replies stop here' : 'stops here'}: ${broken.stage}`;
  const at = cell.at + cell.width + Math.floor(gap / 2);
  return { at: Math.max(0, Math.min(at, columns - columnsOf(text) - 1)), text, tone: 'fault' };
};
