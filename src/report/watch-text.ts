import { inert } from '../model/inert.js';
import type { WatchChange, Watched, WatchedHop } from '../model/watch.js';
import { type Style, styleOf, type TextOptions } from './style.js';

type WatchTextOptions = Pick<TextOptions, 'color' | 'ascii'>;

const timeOf = (at: number): string => new Date(at).toISOString().slice(11, 19);

/** One line for something that has changed. */
export const renderChange = ({ at, kind, text }: WatchChange, options: WatchTextOptions): string => {
  const style = styleOf(options);
  const paint = kind === 'status' ? (/^ok/.test(text) ? style.good : style.error) : style.warning;
  return plain(`${timeOf(at)}Z  ${paint(inert(text))}\n`, options);
};

/** The summary of a watch: loss and delay per hop. */
export const renderWatched = (watched: Watched, options: WatchTextOptions): string => {
  const { sent, answered, refused, rounds, startedAt, hops, changes, forgotten, lastRun } = watched;
  const style = styleOf(options);
  const lost = sent === 0 ? 0 : ((sent - answered - refused) / sent) * 100;
  const refusals = refused === 0 ? '' : `${refused} refused, `;
  const head = `${answered} of ${sent} probes answered, ${refusals}${lost.toFixed(1)} % lost, in ${rounds} rounds since ${timeOf(startedAt)}Z`;
  const number = changes.length + forgotten - 1;
  return plain(
    [
      '',
      answered < sent ? style.error(head) : style.good(head),
      style.faint('#   hop               out   back   loss    min  median     p99  jitter ms'),
      ...hops.map((hop) => hopLine(hop, sent, style)),
      `${Math.max(number, 0)} changes${lastRun ? `; last: ${inert(lastRun.diagnosis.title)}` : ''}`,
      style.faint('0 changes made to this host'),
      '',
    ].join('\n'),
    options,
  );
};

const hopLine = ({ hop, name, forward, return: back, delays }: WatchedHop, sent: number, style: Style): string => {
  const loss = sent === 0 ? 0 : ((sent - back) / sent) * 100;
  const times = delays ? [delays.min, delays.median, delays.p99, delays.jitter] : [];
  const cells = [0, 1, 2, 3].map((index) => (times[index] === undefined ? '-' : (times[index] ?? 0).toFixed(2)));
  const [min = '', median = '', p99 = '', jitter = ''] = cells;
  const text = [
    hop.slice(1).padEnd(3),
    inert(name).padEnd(15),
    String(forward).padStart(5),
    String(back).padStart(6),
    `${loss.toFixed(1)}%`.padStart(6),
    min.padStart(6),
    median.padStart(7),
    p99.padStart(7),
    jitter.padStart(7),
  ].join(' ');
  return loss > 0 ? style.warning(text) : text;
};

const plain = (text: string, { ascii }: WatchTextOptions): string =>
  ascii ? text.replace(/[^\n\x20-\x7e\u001b]/g, '?') : text;
