import type { HopCount } from '../model/diagnosis.js';
import type { Flow, Way } from '../model/flow.js';
import type { Break, Located, LossyLink } from '../model/located.js';
import type { CaptureReport, Sighting } from '../model/packet.js';
import type { Hop, Path } from '../model/path.js';
import type { ProbeResult } from '../model/probe.js';
import { findLosses, type Loss } from './losses.js';
import { findRewrites } from './rewrites.js';
import { indexSightings, mainLine, type Seen } from './seen.js';
import { findErrors, findUnanswered } from './side-traffic.js';
import { judgeTrust, type Trust } from './trust.js';

/**
 * Finds the last hop that saw each probe. Pure. A hop whose capture did not run or lost packets proves no absence; a
 * probe that was seen further on has passed the hops before.
 */
export const locate = (
  path: Path,
  _flow: Flow,
  sightings: readonly Sighting[],
  captures: readonly CaptureReport[],
  probe: ProbeResult | null,
): Located => {
  const seen = indexSightings(path, sightings);
  const numbers = probe?.answers.map((answer) => answer.probe) ?? [];
  const trust = judgeTrust(path, captures, seen, numbers);
  const losses = probe === null || probe.failure !== null ? [] : findLosses(path, seen, trust, probe);
  const allLost = losses.length > 0 && probe?.answered === 0;
  const main = allLost ? (losses[0] ?? null) : null;
  const breakOf = (way: Way): Break | null => (allLost ? toBreak(losses.find((loss) => loss.way === way)) : null);
  return {
    counts: path.hops.map((hop) => countAt(hop, seen, trust, probe)),
    rewrites: findRewrites(path, seen),
    forwardBreak: breakOf('forward'),
    returnBreak: breakOf('return'),
    way: main?.way ?? null,
    ambiguous: main?.ambiguous ?? [],
    sent: numbers.length,
    answered: probe?.answered ?? 0,
    lost: losses.reduce((sum, loss) => sum + loss.probes.length, 0),
    lossy: losses.length > 1 || !allLost ? losses.map((loss) => lossyLink(loss, seen, numbers.length)) : [],
    replyBy: path.hops.filter((hop) => (seen.return.get(hop.id)?.size ?? 0) > 0).map((hop) => hop.id),
    answeredBefore: probe === null ? null : findAnsweredBefore(path, seen, trust, probe),
    neighbour: findUnanswered(sightings),
    errors: findErrors(sightings),
    doubts: [...trust.doubts, ...(probe?.failure ? [`the probe could not run: ${probe.failure}`] : [])],
  };
};

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

const findAnsweredBefore = (path: Path, seen: Seen, trust: Trust, probe: ProbeResult): string | null => {
  const answered = probe.answers.filter(({ outcome }) => outcome === 'answered' || outcome === 'refused');
  if (answered.length === 0) return null;
  const silent = (hop: Hop) =>
    trust.proves(hop, 'forward') &&
    answered.every(
      ({ probe: number }) => !seen.forward.get(hop.id)?.has(number) && !seen.return.get(hop.id)?.has(number),
    );
  return mainLine(path).find(silent)?.id ?? null;
};
