import { inNetns } from '../host/in-netns.js';
import type { Flow } from '../model/flow.js';
import type { NetnsId, NetnsRef } from '../model/netns.js';
import type { Path } from '../model/path.js';
import { captureFilter, type FilterOptions } from './filter.js';
import { vxlanFilter } from './vxlan-filter.js';

/** One capture, ready to be started or printed. */
export interface CapturePlan {
  readonly hop: string;
  readonly ifname: string;
  readonly netns: NetnsId;
  readonly argv: readonly string[];
  readonly filter: string;
  /** Port of the VXLAN tunnel inside of which the packets are there. */
  readonly vxlanPort?: number;
}

export interface PlanOptions extends Partial<FilterOptions> {
  /** Run tcpdump as `nobody`; `canBecomeNobody()` tells whether that works. */
  readonly asNobody: boolean;
  /** Seconds after which each capture ends by itself that does not run as `nobody`. @default 20 */
  readonly maxSeconds?: number;
}

const DEFAULT_SIZE = 56;
const DEFAULT_MAX_SECONDS = 20;
/** Headers of the outer packet and of a quoted one, IPv6 included, with the token. */
const SNAP_BYTES = 256;

/** The captures of a path, one for each hop that is captured. Pure: nothing is started. */
export const planCaptures = (
  path: Path,
  flow: Flow,
  netns: readonly NetnsRef[],
  token: { readonly icmp: string },
  options: PlanOptions,
): CapturePlan[] => {
  const selected: FilterOptions = {
    addresses: options.addresses ?? [],
    ports: options.ports ?? [],
    neighbours: neighboursOf(path, flow, options.neighbours ?? []),
    size: options.size ?? DEFAULT_SIZE,
    ...(options.echoes ? { echoes: options.echoes } : {}),
    ...(options.anyPort ? { anyPort: true } : {}),
  };
  const plain = captureFilter(flow, token.icmp, selected);
  return path.hops.flatMap((hop) => {
    const place = netns.find((candidate) => candidate.id === hop.netns);
    if (!hop.captured || hop.ifname === null || place === undefined) return [];
    const { ifname, inside } = hop;
    const filter = inside ? `(${plain}) or (${vxlanFilter(flow, token.icmp, inside, selected)})` : plain;
    const argv = inNetns(place, captureCommand(ifname, filter, options));
    const tunnel = inside ? { vxlanPort: inside.port } : {};
    return [{ hop: hop.id, ifname, netns: hop.netns, argv, filter, ...tunnel }];
  });
};

/** Captures on devices of one namespace, by a filter of the user. The hop is the device. */
export const planDeviceCaptures = (
  netns: NetnsRef,
  ifnames: readonly string[],
  filter: string,
  options: PlanOptions,
): CapturePlan[] =>
  ifnames.map((ifname) => {
    const argv = inNetns(netns, captureCommand(ifname, filter, options));
    return { hop: ifname, ifname, netns: netns.id, argv, filter };
  });

const neighboursOf = (path: Path, flow: Flow, more: readonly string[]): string[] => {
  const known = [...path.routers.map((router) => router.nextHop), flow.source, flow.destination, ...more];
  return [...new Set(known.filter((address) => address !== null))];
};

const AS_NOBODY = ['--reuid=65534', '--regid=65534', '--clear-groups'];

/**
 * tcpdump with CAP_NET_RAW alone, that ends with us, also when we are killed: the kernel sends it SIGTERM. Where its user
 * is not changed before, tcpdump may do so itself, upon which the kernel forgets that: `timeout` then gets the signal in
 * its place, hands it on, and ends it after a time. `-p` leaves the device's promiscuity alone.
 * @see setpriv(1), timeout(1), prctl(2) PR_SET_PDEATHSIG
 */
const captureCommand = (ifname: string, filter: string, options: PlanOptions): readonly string[] => [
  'setpriv',
  ...(options.asNobody ? AS_NOBODY : []),
  '--inh-caps=-all,+net_raw',
  '--ambient-caps=+net_raw',
  '--bounding-set=-all,+net_raw',
  '--no-new-privs',
  '--pdeathsig',
  'TERM',
  ...(options.asNobody ? [] : ['timeout', '-k', '1', `${options.maxSeconds ?? DEFAULT_MAX_SECONDS}`]),
  'tcpdump',
  '-p',
  '--immediate-mode',
  '-U',
  '-nn',
  '-s',
  `${SNAP_BYTES}`,
  '--time-stamp-precision=nano',
  '-i',
  ifname,
  '-w',
  '-',
  filter,
];
