import type { Way } from '../model/flow.js';
import type { CaptureReport } from '../model/packet.js';
import type { Hop, Path } from '../model/path.js';
import { isBeside, mainLine, type Seen } from './seen.js';

/** What a hop's silence is worth. */
export interface Trust {
  /** Whether a packet that was not seen at the hop was not there. */
  proves(hop: Hop, way: Way): boolean;
  /** Hops that missed a packet which was seen on both sides, one sentence each. */
  readonly doubts: readonly string[];
}

/** Judges each capture: whether it ran, lost nothing itself, and is not contradicted by the hops around it. */
export const judgeTrust = (
  path: Path,
  captures: readonly CaptureReport[],
  seen: Seen,
  probes: readonly number[],
): Trust => {
  const line = mainLine(path);
  const doubtful = { forward: missedForward(line, seen, probes), return: missedReturn(path, line, seen, probes) };
  const complete = (hop: Hop): boolean => {
    const report = captures.find((candidate) => candidate.hop === hop.id);
    return report !== undefined && report.error === null && report.droppedByKernel === 0;
  };
  const watched = (hops: readonly Hop[]) => hops.filter(complete);
  return {
    proves: (hop, way) => isImpassable(hop, captures) || (complete(hop) && !doubtful[way].includes(hop)),
    doubts: [
      ...watched(doubtful.forward).map((hop) => `${hop.ifname} missed requests that were seen beyond it`),
      ...watched(doubtful.return).map((hop) => `${hop.ifname} missed replies that were seen beyond it`),
    ],
  };
};

/** Nothing passes a device that does not exist or is down; an uplink without a device is one that no route leads to. */
const isImpassable = (hop: Hop, captures: readonly CaptureReport[]): boolean => {
  if (hop.down === true || (hop.ifname === null && (hop.role === 'uplink' || hop.role === 'container'))) return true;
  const failure = captures.find((report) => report.hop === hop.id)?.failure;
  return failure === 'no-interface' || failure === 'interface-down';
};

const missedForward = (line: readonly Hop[], seen: Seen, probes: readonly number[]): Hop[] =>
  line.filter((hop, index) => {
    const has = (candidate: Hop, probe: number) => seen.forward.get(candidate.id)?.has(probe) ?? false;
    return probes.some((probe) => !has(hop, probe) && line.slice(index + 1).some((beyond) => has(beyond, probe)));
  });

/**
 * Seen on both sides: a reply that no outer hop saw may come from this host itself, which can hand a reset straight to
 * the bridge port.
 */
const missedReturn = (path: Path, line: readonly Hop[], seen: Seen, probes: readonly number[]): Hop[] => {
  const replied = (hop: Hop, probe: number) => seen.return.get(hop.id)?.has(probe) ?? false;
  const elsewhere = (probe: number) => path.hops.some((hop) => isBeside(hop) && replied(hop, probe));
  return line.filter((hop, index) =>
    probes.some(
      (probe) =>
        !replied(hop, probe) &&
        !elsewhere(probe) &&
        line.slice(0, index).some((nearer) => replied(nearer, probe)) &&
        line.slice(index + 1).some((further) => replied(further, probe)),
    ),
  );
};
