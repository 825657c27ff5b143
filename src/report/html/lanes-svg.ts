import { inert } from '../../model/inert.js';
import type { Sighting } from '../../model/packet.js';
import type { Run, RunHop } from '../../model/run.js';
import { clip } from '../clip.js';
import { hopNumber, hopTitle, shownHops } from '../facts.js';
import { el, fragment, type Markup } from './element.js';
import { type Lane, lanesOf, type Stop } from './lanes.js';

const LEFT = 148;
const COLUMN = 168;
const HEAD = 52;
const ROW = 44;
const MOST_ROWS = 60;

/** Packets per hop: one column for each hop, one row for each request and reply, time in µs since its first sighting. */
export const lanesSvg = (run: Run, sightings: readonly Sighting[]): Markup => {
  const hops = shownHops(run);
  const lanes = lanesOf(run, sightings).slice(0, MOST_ROWS);
  const width = LEFT + hops.length * COLUMN;
  const height = HEAD + lanes.length * ROW + 12;
  return el(
    'svg',
    {
      class: 'lanes',
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: 'group',
      'aria-labelledby': 'lanes-t lanes-d',
    },
    el('title', { id: 'lanes-t' }, 'Packets of each probe at each hop, with time offsets in microseconds'),
    el('desc', { id: 'lanes-d' }, lanes.map(describe).join('. ')),
    mutedHatch(),
    hops.map((hop, index) => column(run, hop, index, height)),
    lanes.map((lane, index) => row(run, hops, lane, HEAD + index * ROW + ROW / 2)),
  );
};

const mutedHatch = (): Markup =>
  el(
    'defs',
    {},
    el(
      'pattern',
      { id: 'hatch-muted', width: 8, height: 8, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' },
      el('rect', { class: 'hatch-line-muted', width: 2, height: 8 }),
    ),
  );

const center = (index: number): number => LEFT + index * COLUMN + COLUMN / 2;

const column = (run: Run, hop: RunHop, index: number, height: number): Markup =>
  fragment(
    hop.captured
      ? el('line', { class: 'guide', x1: center(index), y1: HEAD - 6, x2: center(index), y2: height })
      : el('rect', {
          class: 'uncaptured',
          x: center(index) - 40,
          y: HEAD - 6,
          width: 80,
          height: height - HEAD,
          fill: 'url(#hatch-muted)',
        }),
    el(
      'text',
      { class: 'hop-name', x: center(index), y: 18 },
      clip(inert(`${hopNumber(hop)}  ${hopTitle(run, hop)}`), 19),
    ),
    el('text', { class: 'hop-role', x: center(index), y: 36 }, hop.captured ? hop.role : 'not captured'),
  );

const row = (run: Run, hops: readonly RunHop[], lane: Lane, y: number): Markup => {
  const at = (stop: Stop) => center(hops.findIndex((hop) => hop.id === stop.hop));
  const direction = lane.way === 'forward' ? 1 : -1;
  return fragment(
    el('text', { class: 'lane-name', x: 0, y: y - 2 }, lane.label),
    el('text', { class: 'offset', x: 0, y: y + 14 }, lane.startWords),
    lane.stops.slice(1).map((stop, index) => {
      const from = lane.stops[index];
      return from
        ? el('line', { class: 'wire', x1: at(from) + direction * 7, y1: y, x2: at(stop) - direction * 9, y2: y })
        : null;
    }),
    lane.stops.map((stop, index) => {
      const x = at(stop);
      const last = lane.lost && index === lane.stops.length - 1;
      return fragment(
        el('circle', { class: last ? 'packet last' : 'packet', cx: x, cy: y, r: 6 }, el('title', {}, stop.words)),
        el(
          'text',
          { class: last ? 'offset last' : 'offset', x: x + 10, y: y - 8 },
          last ? `${stop.offset} last seen` : stop.offset,
        ),
        stop.nat === null ? null : el('text', { class: 'nat', x: x + 10, y: y + 18 }, clip(stop.nat, 24)),
      );
    }),
    lane.lost && lane.stops.length > 0 ? lostMark(lane, at, hops, run, y, direction) : null,
  );
};

const lostMark = (
  lane: Lane,
  at: (stop: Stop) => number,
  hops: readonly RunHop[],
  run: Run,
  y: number,
  direction: number,
): Markup | null => {
  const stop = lane.stops.at(-1);
  const next = hops[hops.findIndex((hop) => hop.id === stop?.hop) + direction];
  if (!stop || (!next && run.path.hops.length > 0 && direction > 0)) return null;
  const x = at(stop) + direction * COLUMN * 0.72;
  return fragment(
    el('line', { class: 'wire silent', x1: at(stop) + direction * 8, y1: y, x2: x - direction * 10, y2: y }),
    el('path', { class: 'cross', d: `M ${x - 6} ${y - 6} l 12 12 m 0 -12 l -12 12` }),
  );
};

const describe = (lane: Lane): string =>
  `${lane.label}: ${lane.stops.map((stop) => stop.words).join(', ')}${lane.lost ? ', then not seen again' : ''}`;
