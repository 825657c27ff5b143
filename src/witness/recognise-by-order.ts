import type { Way } from '../model/flow.js';
import type { Hop, Path } from '../model/path.js';
import type { ProbeResult } from '../model/probe.js';
import type { Chain } from './chains.js';
import { neighboursOf } from './last-place.js';
import type { OwnChain } from './recognise.js';

/**
 * Which chains are our packets where no capture ran: those that begin where the probe does and go the way of the path,
 * if there are not more of them than probes. When there are more, somebody else's are among them, and none is taken.
 */
export const recogniseByOrder = (chains: readonly Chain[], path: Path, probe: ProbeResult): readonly OwnChain[] => {
  const named = path.hops.filter(({ ifname, role }) => ifname !== null && !BESIDE.includes(role));
  const [first, last] = [named[0], named.at(-1)];
  if (first === undefined || last === undefined) return [];
  const sent = chains.filter((chain) => begins(chain, first, path, 'forward'));
  const returned = chains.filter((chain) => !sent.includes(chain) && begins(chain, last, path, 'return'));
  return [...own(sent, first, 'forward', probe), ...own(returned, last, 'return', probe)];
};

const NOWHERE: ReadonlySet<Hop> = new Set();
const BESIDE: readonly Hop['role'][] = ['return-egress', 'alternate-uplink'];

/**
 * Index of the event at the hop where the packet enters the path; -1 without one. A request is sent there first of all. A
 * reply is received there, after the events of whoever sent it.
 */
const entry = ({ events }: Chain, hop: Hop, way: Way): number => {
  const kind = way === 'forward' ? 'queue' : 'receive';
  const index = events.findIndex((event) => event.kind === kind && event.device === hop.ifname);
  return index <= (way === 'forward' ? 0 : 2) ? index : -1;
};

const begins = (chain: Chain, hop: Hop, path: Path, way: Way): boolean => {
  const start = entry(chain, hop, way);
  if (start === -1) return false;
  const next = chain.events.slice(start + 1).find(({ device, kind }) => kind !== 'xmit' && device !== hop.ifname);
  return next === undefined || neighboursOf(path, hop, way).some(({ ifname }) => ifname === next.device);
};

const own = (chains: readonly Chain[], hop: Hop, way: Way, { sent, answers }: ProbeResult): readonly OwnChain[] => {
  if (chains.length > sent) return [];
  const numbers = answers.filter(({ outcome }) => outcome !== 'not-sent').map(({ probe }) => probe);
  return chains.map((chain, index) => {
    const event = chain.events[entry(chain, hop, way)] ?? chain.events[0];
    const number = chains.length === sent ? (numbers[index] ?? null) : null;
    return { chain, packet: { probe: number, way, seenAt: NOWHERE }, confirmed: new Map([[event, hop]]) };
  });
};
