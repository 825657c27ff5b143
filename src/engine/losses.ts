import type { Way } from '../model/flow.js';
import type { Break } from '../model/located.js';
import type { Hop, Path } from '../model/path.js';
import { isBeside, linkBetween, mainLine, type Seen } from './seen.js';
import type { Trust } from './trust.js';

/** Probes that were lost at one place. */
export interface Loss extends Break {
  readonly way: Way;
  readonly probes: readonly number[];
}

/** Where each of the given probes was lost, joined by place, most probes first, then the furthest. */
export const findLosses = (path: Path, seen: Seen, trust: Trust, lost: readonly number[]): Loss[] => {
  const line = mainLine(path);
  const places = new Map<string, Place>();
  for (const probe of lost) {
    const place = hasReply(seen, probe)
      ? lostReturn(path, line, seen, trust, probe)
      : lostForward(path, line, seen, trust, probe);
    if (place === null) continue;
    const key = `${place.way} ${place.lastSeen} ${place.firstMissing}`;
    places.set(key, { ...place, probes: [...(places.get(key)?.probes ?? []), probe] });
  }
  return [...places.values()]
    .sort((a, b) => b.probes.length - a.probes.length || b.depth - a.depth)
    .map(({ depth: _, ...loss }) => loss);
};

type Place = Loss & { readonly depth: number };

const hasReply = (seen: Seen, probe: number): boolean =>
  [...seen.return.values()].some((packets) => packets.has(probe));

const lostForward = (path: Path, line: readonly Hop[], seen: Seen, trust: Trust, probe: number): Place | null => {
  const last = Math.max(
    0,
    line.findLastIndex((hop) => seen.forward.get(hop.id)?.has(probe)),
  );
  const proves = (hop: Hop, index: number) =>
    index > last && (index === line.length - 1 || trust.proves(hop, 'forward'));
  return placeBetween(path, line, 'forward', last, line.findIndex(proves));
};

/** The reply came back as far as the hop nearest to the container that saw it; by another uplink, it came to the router. */
const lostReturn = (path: Path, line: readonly Hop[], seen: Seen, trust: Trust, probe: number): Place | null => {
  const nearest = line.findIndex((hop) => seen.return.get(hop.id)?.has(probe));
  const beside = path.hops.find((hop) => isBeside(hop) && seen.return.get(hop.id)?.has(probe));
  const last = nearest === -1 ? uplinkIndex(line) : nearest;
  const missing = line.findLastIndex((hop, index) => index < last && (index === 0 || trust.proves(hop, 'return')));
  const place = placeBetween(path, line, 'return', last, missing);
  if (place === null || nearest !== -1 || beside === undefined) return place;
  const aside = path.links.find(
    (link) => [link.from, link.to].includes(beside.id) && link.stages.includes('prerouting'),
  );
  return { ...place, lastSeen: beside.id, link: aside?.id ?? place.link };
};

const uplinkIndex = (line: readonly Hop[]): number => {
  const uplink = line.findIndex((hop) => hop.role === 'uplink');
  return uplink === -1 ? line.length - 2 : uplink;
};

const placeBetween = (path: Path, line: readonly Hop[], way: Way, last: number, missing: number): Place | null => {
  const [lastHop, missingHop] = [line[last], line[missing]];
  if (lastHop === undefined || missingHop === undefined || last === missing) return null;
  const links = linksBetween(path, line, last, missing);
  const [link] = links;
  if (link === undefined) return null;
  return {
    way,
    link,
    lastSeen: lastHop.id,
    firstMissing: missingHop.id,
    ambiguous: links.length > 1 ? links : [],
    probes: [],
    depth: way === 'forward' ? last : line.length * 2 - last,
  };
};

/** Links from one hop of the line to another, in the packet's order. */
const linksBetween = (path: Path, line: readonly Hop[], from: number, to: number): string[] => {
  const part = line.slice(Math.min(from, to), Math.max(from, to) + 1);
  const links = part.slice(1).flatMap((outer, index) => {
    const inner = part[index];
    return inner === undefined ? [] : [linkBetween(path, inner, outer)];
  });
  return from < to ? links : links.reverse();
};
