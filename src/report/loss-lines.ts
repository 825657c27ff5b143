import type { LinkLoss } from '../model/diagnosis.js';
import { inert } from '../model/inert.js';
import type { Run } from '../model/run.js';
import { hopById, hopTitle } from './facts.js';

/** The loss of each link that let some packets pass: `   loss br0 to eth0: request 9 of 100, 9.0 % (95 %: 4.8 to 16.2 %)`. */
export const lossLines = (run: Run): readonly string[] =>
  (run.diagnosis.losses ?? []).map((loss) => {
    const { way, lost, of, interval } = loss;
    const [low, high] = interval.map(percent);
    return `   loss ${ends(run, loss)}: ${way === 'forward' ? 'request' : 'reply'} ${lost} of ${of}, ${percent(lost / of)} % (95 %: ${low} to ${high} %)`;
  });

const percent = (share: number): string => (share * 100).toFixed(1);

/** The two hops of the link in the packet's order. */
const ends = (run: Run, { link, way }: LinkLoss): string => {
  const found = run.path.links.find(({ id }) => id === link);
  const names = [found?.from, found?.to].map((id) => {
    const hop = id === undefined ? null : hopById(run, id);
    return inert(hop === null ? link : hopTitle(run, hop));
  });
  return (way === 'forward' ? names : names.reverse()).join(' to ');
};
