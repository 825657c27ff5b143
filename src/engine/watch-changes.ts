import type { Diagnosis } from '../model/diagnosis.js';
import type { Way } from '../model/flow.js';
import type { Met } from '../model/met.js';
import type { Run } from '../model/run.js';
import type { WatchChange } from '../model/watch.js';

/** What one round showed, as far as it is compared with the next. */
export interface RoundFacts {
  readonly run: Run;
  readonly met: Diagnosis['met'];
}

/** What differs between two rounds: the outcome, the path, and the routes and rules that the packet meets. */
export const changesSince = (before: RoundFacts | null, now: RoundFacts, at: number): readonly WatchChange[] => {
  const status = statusOf(now.run);
  if (before === null) return [{ at, kind: 'status', text: status }];
  const changes: WatchChange[] = [];
  if (statusOf(before.run) !== status) changes.push({ at, kind: 'status', text: status });
  const [was, is] = [pathOf(before.run), pathOf(now.run)];
  if (was !== is) changes.push({ at, kind: 'path', text: `path: ${was} -> ${is}` });
  const [gone, come] = [linesOf(before.met), linesOf(now.met)];
  for (const line of gone.filter((one) => !come.includes(one)))
    changes.push({ at, kind: 'met', text: `no more: ${line}` });
  for (const line of come.filter((one) => !gone.includes(one))) changes.push({ at, kind: 'met', text: `now: ${line}` });
  return changes;
};

const statusOf = ({ diagnosis: { status, code, title } }: Run): string =>
  `${status}${code ? `[${code}]` : ''}: ${title}`;

const pathOf = (run: Run): string =>
  run.path.hops.map((hop) => `${hop.ifname ?? hop.role}${hop.down ? ' (down)' : ''}`).join(' ');

const WORD: Readonly<Record<Way, string>> = { forward: 'out', return: 'back' };

/** States between which the kernel moves a neighbour that it knows by itself. @see ip-neighbour(8) */
const RESOLVED = /\b(?:REACHABLE|STALE|DELAY|PROBE)$/;

/** Routes, settings and the rules that decide; rules that merely let the packet pass on are left out. */
const linesOf = (met: readonly Met[] = []): readonly string[] =>
  met.flatMap(({ way, stage, outcome, text, rules }) => [
    `${WORD[way]} ${stage}: ${text.replace(RESOLVED, 'resolved')} ${outcome}`,
    ...rules.filter(({ hit }) => hit).map((rule) => `${WORD[way]} ${stage}: ${rule.place}: ${rule.text}`),
  ]);
