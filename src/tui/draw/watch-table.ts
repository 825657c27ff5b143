import type { WatchChange, Watched, WatchedHop } from '../../model/watch.js';
import type { Glyphs } from '../theme.js';
import { filled, type Line, line, span, type Tone } from './line.js';
import { paragraph } from './wrap.js';

/**
 * The latest delays as bars, scaled from none to the longest of them; a probe that did not come back is a cross.
 */
export const sparkline = (recent: readonly (number | null)[], columns: number, glyphs: Glyphs): string => {
  const shown = columns > 0 ? recent.slice(-columns) : [];
  const longest = Math.max(0, ...shown.map((delay) => delay ?? 0));
  return shown
    .map((delay) => {
      if (delay === null) return glyphs.cross;
      const step = longest === 0 ? 0 : Math.ceil((delay / longest) * glyphs.spark.length) - 1;
      return glyphs.spark[Math.max(step, 0)] ?? '';
    })
    .join('');
};

const milliseconds = (value: number): string =>
  value < 10 ? value.toFixed(2) : value < 1000 ? value.toFixed(1) : value.toFixed(0);

/** Columns of the numbers. */
const NUMBERS = 49;

/** Loss and delay of each hop, with its latest probes as a sparkline. */
export const watchLines = (watched: Watched, columns: number, glyphs: Glyphs): readonly Line[] => {
  const name = columns >= 80 ? 12 : 9;
  const spark = Math.max(columns - NUMBERS - name, 0);
  const head = [
    'hop'.padEnd(name + 2),
    'out'.padStart(5),
    'back'.padStart(5),
    'loss'.padStart(6),
    'min'.padStart(6),
    'med'.padStart(6),
    'p99'.padStart(6),
    'jit'.padStart(5),
  ];
  return [
    line(`${head.join(' ')} ms`, 'faint'),
    ...watched.hops.map((hop) => hopLine(hop, watched.sent, name, spark, glyphs)),
  ];
};

const hopLine = (watchedHop: WatchedHop, sent: number, nameColumns: number, spark: number, glyphs: Glyphs): Line => {
  const { hop, name, forward, return: back, delays, recent } = watchedHop;
  const loss = sent === 0 ? 0 : ((sent - back) / sent) * 100;
  const tone: Tone = loss === 0 ? 'ok' : loss >= 100 ? 'fault' : 'warn';
  const time = (value: number | undefined, width: number): string =>
    (value === undefined ? '-' : milliseconds(value)).padStart(width);
  return [
    span(`${filled(`${hop.slice(1)} ${name}`, nameColumns + 2)} `, 'strong'),
    span(`${String(forward).padStart(5)} ${String(back).padStart(5)} `),
    span(`${loss.toFixed(loss >= 100 ? 0 : 1)}%`.padStart(6), tone),
    span(` ${time(delays?.min, 6)} ${time(delays?.median, 6)} ${time(delays?.p99, 6)} ${time(delays?.jitter, 5)} `),
    span(sparkline(recent, spark, glyphs), tone),
  ];
};

const TONE: Readonly<Record<WatchChange['kind'], Tone>> = {
  status: 'strong',
  path: 'warn',
  met: 'info',
  failure: 'fault',
};

/** What changed, the oldest first. */
export const changeLines = ({ changes, forgotten }: Watched, columns: number): readonly Line[] => [
  ...(forgotten > 0 ? [line(`${forgotten} earlier changes are not kept`, 'faint')] : []),
  ...changes.flatMap(({ at, kind, text }) =>
    paragraph(new Date(at).toTimeString().slice(0, 8), text, columns, TONE[kind], 10),
  ),
];
