import type { HopCount } from '../model/diagnosis.js';
import type { Way } from '../model/flow.js';
import type { Break, Located, LossyLink } from '../model/located.js';
import type { CaptureReport, Sighting } from '../model/packet.js';
import type { Hop, Path } from '../model/path.js';
import type { ProbeAnswer, ProbeResult } from '../model/probe.js';
import { findLosses, type Loss } from './losses.js';
import { findRewrites } from './rewrites.js';
import { findLate, indexSightings, isAnswered, mainLine, type Seen } from './seen.js';
import { findErrors, findUnanswered } from './side-traffic.js';
import { judgeTrust, type Trust } from './trust.js';

export interface LocateOptions {
  /** A service is expected at the end of the path: a refusal is no answer. @default false */
  readonly published?: boolean;
}

/**
 * Finds the last hop that saw each probe. Pure. A hop whose capture did not run or lost packets proves no absence; a
 * probe that was seen further on has passed the hops before. A connection that was refused before the request was seen
 * at a hop that can be trusted did not reach its destination: a firewall rejected it.
 */
export const locate = (
  path: Path,
  sightings: readonly Sighting[],
  captures: readonly CaptureReport[],
  probe: ProbeResult | null,
  { published = false }: LocateOptions = {},
): Located => {
  const answers = probe?.answers ?? [];
  const unheard = new Set(answers.filter(({ outcome }) => outcome === 'timeout').map(({ probe }) => probe));
  const seen = indexSightings(path, sightings, unheard);
  const trust = judgeTrust(
    path,
    captures,
    seen,
    answers.map((answer) => answer.probe),
  );
  const late = probe === null ? [] : findLate(path, seen, probe);
  const ran = probe !== null && probe.failure === null;
  const answeredBefore = findAnsweredBefore(path, seen, trust, answers);
  const turnedBack = new Set(
    answeredBefore === null && !published
      ? []
      : answers.filter(({ outcome }) => outcome === 'refused').map(({ probe }) => probe),
  );
  const isDelivered = (answer: ProbeAnswer): boolean => isAnswered(answer) && !turnedBack.has(answer.probe);
  const lost = answers.filter((answer) => ran && !isDelivered(answer) && !late.includes(answer.probe));
  const losses = findLosses(
    path,
    seen,
    trust,
    lost.filter((answer) => !isLearned(answer, answers)).map((answer) => answer.probe),
    turnedBack,
  );
  const allLost = lost.length > 0 && lost.length === answers.length;
  const main = allLost ? losses[0] : undefined;
  const breakOf = (way: Way): Break | null => (allLost ? toBreak(losses.find((loss) => loss.way === way)) : null);
  return {
    counts: path.hops.map((hop) => countAt(hop, seen, trust, probe)),
    rewrites: findRewrites(path, seen),
    forwardBreak: breakOf('forward'),
    returnBreak: breakOf('return'),
    way: main?.way ?? null,
    ambiguous: main?.ambiguous ?? [],
    sent: answers.length,
    answered: answers.filter(isDelivered).length,
    lost: lost.length,
    late,
    lossy: losses.length > 1 || !allLost ? losses.map((loss) => lossyLink(loss, seen, answers.length)) : [],
    replyBy: path.hops.filter((hop) => (seen.return.get(hop.id)?.size ?? 0) > 0).map((hop) => hop.id),
    answeredBefore,
    neighbour: findUnanswered(sightings),
    errors: findErrors(sightings),
    doubts: [
      ...trust.doubts,
      ...(late.length > 0 ? ['a reply came after the probe had stopped waiting'] : []),
      ...(probe?.failure ? [`the probe could not run: ${probe.failure}`] : []),
    ],
  };
};

/**
 * Whether a probe was not sent because a router had turned an earlier one away as too big: it says nothing of its own.
 * @see RFC 1191
 */
const isLearned = (answer: ProbeAnswer, answers: readonly ProbeAnswer[]): boolean =>
  answer.outcome === 'not-sent' &&
  /message too long/i.test(answer.text ?? '') &&
  answers.some(({ probe, outcome }) => probe < answer.probe && outcome === 'error');

const toBreak = (loss: Loss | undefined): Break | null => {
  if (loss === undefined) return null;
  const { link, lastSeen, firstMissing, ambiguous } = loss;
  return { link, lastSeen, firstMissing, ambiguous };
};

const countAt = (hop: Hop, seen: Seen, trust: Trust, probe: ProbeResult | null): HopCount => {
  const sent = probe?.answers.length ?? 0;
  if (hop.role === 'socket')
    return { hop: hop.id, forward: probe?.sent ?? 0, return: probe?.answered ?? 0, sent, trusted: true };
  return {
    hop: hop.id,
    forward: seen.forward.get(hop.id)?.size ?? 0,
    return: seen.return.get(hop.id)?.size ?? 0,
    sent,
    trusted: trust.proves(hop, 'forward') && trust.proves(hop, 'return'),
  };
};

const lossyLink = (loss: Loss, seen: Seen, sent: number): LossyLink => {
  const entered = seen[loss.way].get(loss.lastSeen)?.size ?? 0;
  return { link: loss.link, way: loss.way, lost: loss.probes.length, of: entered === 0 ? sent : entered };
};

const findAnsweredBefore = (path: Path, seen: Seen, trust: Trust, answers: readonly ProbeAnswer[]): string | null => {
  const answered = answers.filter(isAnswered);
  if (answered.length === 0) return null;
  const silent = (hop: Hop) =>
    trust.proves(hop, 'forward') &&
    answered.every(
      ({ probe: number }) => !seen.forward.get(hop.id)?.has(number) && !seen.return.get(hop.id)?.has(number),
    );
  return mainLine(path).find(silent)?.id ?? null;
};
