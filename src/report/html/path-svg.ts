import type { Way } from '../../model/flow.js';
import { inert } from '../../model/inert.js';
import type { Run, RunHop } from '../../model/run.js';
import { clip } from '../clip.js';
import { breaksOn, hopNumber, hopPhrase, hopTitle, netnsTitle, shownHops, stageWords, wayWords } from '../facts.js';
import { type Child, el, fragment, type Markup } from './element.js';

const BOX = 136;
const GAP = 68;
const LEFT = 74;
const RIGHT = 16;
const BOX_TOP = 38;
const BOX_HEIGHT = 58;
const LANE: Readonly<Record<Way, number>> = { forward: 134, return: 190 };
const BAND_BOTTOM = 216;

const SIDE: readonly string[] = ['return-egress', 'alternate-uplink'];

/** Hops in the order of the drawing; the sending socket only where the packets die right behind it. */
const drawnHops = (run: Run): readonly RunHop[] => {
  const onWay = shownHops(run).filter((hop) => !SIDE.includes(hop.role));
  const socket = run.path.hops.find((hop) => hop.role === 'socket');
  return socket && run.diagnosis.brokenLink?.from === socket.id ? [socket, ...onWay] : onWay;
};

/** The path as a drawing: the hops by namespace, requests and replies with their counts, the break, and NAT. */
export const pathSvg = (run: Run): Markup => {
  const hops = drawnHops(run);
  const width = LEFT + hops.length * BOX + (hops.length - 1) * GAP + RIGHT;
  const height = BAND_BOTTOM + 4;
  return el(
    'svg',
    {
      class: 'path',
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: 'group',
      'aria-labelledby': 'path-t path-d',
    },
    el('title', { id: 'path-t' }, `Path of the packets from ${run.target.name} to ${run.flow.destinationText}`),
    el('desc', { id: 'path-d' }, describe(run, hops)),
    hatch(),
    bands(run, hops),
    hops.map((hop, index) => box(run, hop, index)),
    lane(run, hops, 'forward'),
    lane(run, hops, 'return'),
  );
};

const left = (index: number): number => LEFT + index * (BOX + GAP);
const middle = (index: number): number => left(index) + BOX / 2;

const hatch = (): Markup =>
  el(
    'defs',
    {},
    el(
      'pattern',
      { id: 'hatch', width: 6, height: 6, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' },
      el('rect', { class: 'hatch-ground', width: 6, height: 6 }),
      el('rect', { class: 'hatch-line', width: 2, height: 6 }),
    ),
  );

const bands = (run: Run, hops: readonly RunHop[]): Child => {
  const groups: { readonly name: string; readonly first: number; last: number }[] = [];
  hops.forEach((hop, index) => {
    const name = hop.role === 'outside' ? 'outside' : netnsTitle(run, hop.netns);
    const open = groups.at(-1);
    if (open?.name === name) open.last = index;
    else groups.push({ name, first: index, last: index });
  });
  return groups.map(({ name, first, last }) => {
    const x = left(first) - 14;
    const width = left(last) + BOX + 14 - x;
    return fragment(
      el('rect', { class: 'band', x, y: 1, width, height: BAND_BOTTOM, rx: 10 }),
      el('text', { class: 'band-name', x: x + 14, y: 24 }, clip(name, Math.floor(width / 8))),
    );
  });
};

const box = (run: Run, hop: RunHop, index: number): Markup => {
  const label = hop.role === 'socket' ? 'socket' : `${hopNumber(hop)}  ${hopTitle(run, hop)}`;
  const shape = fragment(
    el('title', {}, hopSentence(run, hop)),
    el('rect', {
      class: hop.captured ? 'hop' : 'hop unseen',
      x: left(index),
      y: BOX_TOP,
      width: BOX,
      height: BOX_HEIGHT,
      rx: 7,
    }),
    el('text', { class: 'hop-name', x: middle(index), y: BOX_TOP + 26 }, clip(inert(label), 16)),
    el('text', { class: 'hop-role', x: middle(index), y: BOX_TOP + 45 }, hop.captured ? hop.role : uncapturedRole(hop)),
  );
  return hop.captured ? el('a', { href: `#hop-${hopNumber(hop)}` }, shape) : el('g', {}, shape);
};

const uncapturedRole = (hop: RunHop): string => (hop.role === 'socket' ? 'sending process' : 'not captured');

const lane = (run: Run, hops: readonly RunHop[], way: Way): Markup => {
  const y = LANE[way];
  const broken = run.diagnosis.brokenLink;
  return fragment(
    el('text', { class: 'lane-name', x: 0, y: y + 5 }, way === 'forward' ? 'request ▸' : '◂ reply'),
    hops.slice(1).map((hop, index) => {
      const previous = hops[index];
      if (!previous) return null;
      const isBreak = breaksOn(run, way) && broken?.from === previous.id && broken.to === hop.id;
      return isBreak ? breakMark(run, index, y) : connector(previous, hop, way, index, y);
    }),
    hops.map((hop, index) => pill(hop, way, index, y)),
  );
};

const seenOf = (hop: RunHop, way: Way) => (way === 'forward' ? hop.forward : hop.return);

const pill = (hop: RunHop, way: Way, index: number, y: number): Markup => {
  const { seen, of } = seenOf(hop, way);
  const sender = hop.role === 'socket';
  const state = !hop.captured && !sender ? 'unknown' : seen === 0 ? 'none' : seen < of ? 'some' : 'all';
  return fragment(
    el('rect', { class: `pill ${state}`, x: middle(index) - 26, y: y - 14, width: 52, height: 28, rx: 14 }),
    el('text', { class: `count ${state}`, x: middle(index), y: y + 5 }, state === 'unknown' ? '?' : `${seen}/${of}`),
  );
};

/** A line between two counts; dotted where no packet is known to pass. */
const connector = (from: RunHop, to: RunHop, way: Way, index: number, y: number): Markup => {
  const passed = passes(from, way) && passes(to, way);
  const [start, end] = [middle(index) + 30, middle(index + 1) - 30];
  const [tail, tip] = way === 'forward' ? [start, end] : [end, start];
  const back = way === 'forward' ? -8 : 8;
  return fragment(
    el('line', { class: passed ? 'wire' : 'wire silent', x1: tail, y1: y, x2: tip, y2: y }),
    passed ? el('path', { class: 'tip', d: `M ${tip} ${y} l ${back} -5 v 10 z` }) : null,
  );
};

const passes = (hop: RunHop, way: Way): boolean =>
  seenOf(hop, way).seen > 0 || (!hop.captured && hop.role === 'socket');

const breakMark = (run: Run, index: number, y: number): Markup => {
  const x = left(index) + BOX + GAP / 2;
  const broken = run.diagnosis.brokenLink;
  return fragment(
    el('title', {}, `The packets stop here: ${broken ? stageWords(broken.stage) : ''}`),
    el('line', { class: 'wire', x1: middle(index) + 30, y1: y, x2: x - 24, y2: y }),
    el('line', { class: 'wire silent', x1: x + 24, y1: y, x2: middle(index + 1) - 30, y2: y }),
    el('rect', {
      class: 'break',
      x: x - 22,
      y: BOX_TOP - 8,
      width: 44,
      height: y - BOX_TOP + 32,
      rx: 6,
      fill: 'url(#hatch)',
    }),
    el('circle', { class: 'break-dot', cx: x, cy: y, r: 15 }),
    el('path', { class: 'break-cross', d: `M ${x - 6} ${y - 6} l 12 12 m 0 -12 l -12 12` }),
  );
};

export interface Note {
  readonly kind: 'note' | 'stop';
  readonly text: string;
}

/** What the drawing cannot say with lines: the break in words, NAT, and replies that came elsewhere. */
export const pathNotes = (run: Run): readonly Note[] => {
  const { brokenLink, rewrites, direction } = run.diagnosis;
  const stop: readonly Note[] = brokenLink
    ? [
        {
          kind: 'stop',
          text: `✗ ${direction === 'return' ? 'replies' : 'requests'} stop between ${hopPhrase(run, brokenLink.from)} and ${hopPhrase(run, brokenLink.to)}: ${stageWords(brokenLink.stage)}`,
        },
      ]
    : [];
  const side = run.path.hops
    .filter((hop) => SIDE.includes(hop.role) && hop.return.seen > 0)
    .map(
      (hop): Note => ({
        kind: 'note',
        text: `replies came to ${hopPhrase(run, hop.id)} instead: ${hop.return.seen}/${hop.return.of}`,
      }),
    );
  const nat = rewrites.map(
    (rewrite): Note => ({
      kind: 'note',
      text: `NAT of the ${wayWords(rewrite.way)}: ${rewrite.field} ${rewrite.before} → ${rewrite.after}, seen at ${hopPhrase(run, rewrite.toHop)}`,
    }),
  );
  return [...stop, ...nat, ...side].map((note) => ({ ...note, text: clip(note.text, 300) }));
};

const hopSentence = (run: Run, hop: RunHop): string => {
  if (!hop.captured) return `${hopTitle(run, hop)}: not captured, so nothing is known about packets there`;
  return `${hopPhrase(run, hop.id)}: ${hop.forward.seen} of ${hop.forward.of} requests and ${hop.return.seen} of ${hop.return.of} replies seen`;
};

const describe = (run: Run, hops: readonly RunHop[]): string =>
  [...hops.map((hop) => hopSentence(run, hop)), ...pathNotes(run).map((note) => note.text)].join('. ');
