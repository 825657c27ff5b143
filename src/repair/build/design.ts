import { createHash } from 'node:crypto';
import type { FamilyDesign, NetworkDesign, PublishedPort } from '../../model/build.js';
import { EXIT, KnownError } from '../../model/errors.js';
import { settingOf } from '../facts/facts.js';
import { addressesOf, allAddresses, defaultRoute, type Observed, routesOf, uplinkOf } from './observed.js';
import {
  contains,
  freeAddress,
  isHostAddress,
  nth,
  overlap,
  placeOf,
  type Subnet4,
  subnetOf,
  subnetText,
} from './subnet.js';

/** What a person asks for; `null` where the network itself decides. */
export interface BuildWish {
  readonly target: string;
  readonly bridge: string | null;
  readonly subnet: string | null;
  readonly address: string | null;
  readonly gateway: string | null;
  readonly name: string | null;
  readonly ipv6: boolean;
  readonly publish: readonly PublishedPort[];
}

const DEFAULT_MTU = 1500;
const DEVICE_NAME_LENGTH = 15;

const refuse = (message: string, hint?: string): never => {
  throw new KnownError(message, { exitCode: EXIT.usage, ...(hint === undefined ? {} : { hint }) });
};

/** Where nothing says otherwise: the networks of the textbook, then one that few use. */
const CANDIDATES: readonly string[] = [
  ...Array.from({ length: 16 }, (_, n) => `192.168.${n}.0/24`),
  ...Array.from({ length: 256 }, (_, n) => `10.213.${n}.0/24`),
];

/**
 * What the container's network shall be: what is there already decides, then what was asked for, then what is free.
 * @throws KnownError for a wish that cannot be had
 */
export const designNetwork = (wish: BuildWish, observed: Observed): NetworkDesign => {
  const bridge = bridgeOf(wish, observed);
  const first = designFour(wish, observed, bridge);
  return {
    bridge,
    hostEnd: hostEndOf(wish, observed),
    mtu: Math.min(DEFAULT_MTU, uplinkOf(observed.state)?.mtu ?? DEFAULT_MTU),
    families: wish.ipv6 ? [first, designSix(observed, bridge, first)] : [first],
  };
};

const bridgeOf = (wish: BuildWish, { state, hostEnd }: Observed): string => {
  const joined = hostEnd === null ? null : settingOf(state, 'host', 'master', hostEnd);
  const bridge = wish.bridge ?? (joined === null || joined === 'none' ? 'br0' : joined);
  const kind = settingOf(state, 'host', 'link', bridge);
  if (kind !== null && kind !== 'bridge')
    return refuse(`${bridge} is there already, and no bridge`, 'choose another name: --bridge NAME');
  const uplink = uplinkOf(state)?.device;
  if (uplink !== undefined && (uplink === bridge || settingOf(state, 'host', 'master', uplink) === bridge))
    return refuse(`the bridge ${bridge} carries this host's own way outside`, 'choose another one: --bridge NAME');
  return bridge;
};

const hostEndOf = ({ name, target }: BuildWish, { state, hostEnd }: Observed): string => {
  if (hostEnd !== null) {
    if (name !== null && name !== hostEnd)
      return refuse(`the container's cable is there already; its host end is ${hostEnd}`, 'leave out --name');
    return hostEnd;
  }
  const [, number] = /^net(\d{1,4})$/.exec(target) ?? [];
  const plain = target.replace(/[^A-Za-z0-9_-]/g, '');
  const own = number === undefined ? `veth-${plain || 'c'}`.slice(0, DEVICE_NAME_LENGTH) : `veth${number}_p`;
  const free = (candidate: string): boolean => settingOf(state, 'host', 'link', candidate) === null;
  if (name !== null) return free(name) ? name : refuse(`the device ${name} is there already`, 'choose another --name');
  const more = Array.from({ length: 1000 }, (_, n) => `${own.slice(0, DEVICE_NAME_LENGTH - 4)}.${n}`);
  return [own, ...more].find(free) ?? refuse('no free name for the device', 'choose one: --name NAME');
};

const designFour = (wish: BuildWish, observed: Observed, bridge: string): FamilyDesign => {
  const onBridge = addressesOf(observed.state, 'host', bridge, 4);
  const inContainer = addressesOf(observed.state, 'target', 'eth0', 4);
  const subnet = subnetWished(wish) ?? subnetThere(onBridge, inContainer) ?? freeSubnet(observed);
  if (subnet.size < 4) return refuse(`the subnet ${subnetText(subnet)} has no room for a gateway and a container`);
  const inSubnet = (addresses: readonly string[]): string | undefined =>
    addresses.map((address) => address.split('/')[0] ?? '').find((address) => contains(subnet, address));
  const via = / via (\S+)/.exec(` ${defaultRoute(observed.state, 'target', 4)}`)?.[1];
  const known = via !== undefined && !via.includes(':') && isHostAddress(subnet, via) ? via : undefined;
  const gateway = wish.gateway ?? inSubnet(onBridge) ?? known ?? nth(subnet, 1);
  if (subnetOf(gateway) === null || !isHostAddress(subnet, gateway))
    return refuse(`the gateway ${gateway} is no host address of ${subnetText(subnet)}`);
  const address = addressIn(subnet, gateway, wish, observed, inSubnet(inContainer), bridge);
  return { family: 4, subnet: subnetText(subnet), gateway, address, prefixLength: subnet.prefixLength };
};

const subnetWished = ({ subnet, address }: BuildWish): Subnet4 | null => {
  const text = subnet ?? (address?.includes('/') ? address : null);
  if (text === null) return null;
  const wished = subnetOf(text);
  return wished === null || !text.includes('/')
    ? refuse(`${text} is no IPv4 subnet`, 'such as 192.168.0.0/24')
    : wished;
};

const subnetThere = (onBridge: readonly string[], inContainer: readonly string[]): Subnet4 | null => {
  const [text] = [...onBridge, ...inContainer];
  return text === undefined ? null : subnetOf(text);
};

/** A subnet that no route and no address of this host or of a container lies in. */
const freeSubnet = ({ state, taken }: Observed): Subnet4 => {
  const used = [...routesOf(state, 'host', 4), ...routesOf(state, 'target', 4)]
    .map((route) => /^(?:(?:unreachable|blackhole|prohibit|local|broadcast|throw) )?(\d[\d./]*)/.exec(route)?.[1])
    .concat([...taken], allAddresses(state, 'host'))
    .flatMap((text) => subnetOf(text ?? '') ?? []);
  const free = CANDIDATES.flatMap((text) => subnetOf(text) ?? []).find(
    (candidate) => !used.some((other) => overlap(candidate, other)),
  );
  return free ?? refuse('no subnet is free', 'choose one: --subnet 10.9.0.0/24');
};

const addressIn = (
  subnet: Subnet4,
  gateway: string,
  wish: BuildWish,
  { state, taken }: Observed,
  present: string | undefined,
  bridge: string,
): string => {
  const others = new Set([...taken, ...allAddresses(state, 'host'), gateway]);
  if (wish.address === null) {
    if (present !== undefined && present !== gateway) return present;
    // What gives docker0's addresses away counts from the low end.
    const end = bridge === 'docker0' ? 'high' : 'low';
    return freeAddress(subnet, others, end) ?? refuse(`every address of ${subnetText(subnet)} is in use`);
  }
  const [wished = ''] = wish.address.split('/');
  if (subnetOf(wished) === null || !isHostAddress(subnet, wished))
    return refuse(`${wished} is no host address of ${subnetText(subnet)}`);
  if (!others.has(wished)) return wished;
  const free = freeAddress(subnet, others, 'low');
  return refuse(`${wished} is in use already`, free === null ? undefined : `${free} is free`);
};

/**
 * The IPv6 subnet that the bridge has, or a local one of this machine's own, and the same place in it as in the IPv4 one.
 * @see RFC 4193, section 3.2.2
 */
const designSix = ({ state, machine }: Observed, bridge: string, four: FamilyDesign): FamilyDesign => {
  const [present] = addressesOf(state, 'host', bridge, 6);
  const subnet4 = subnetOf(four.subnet);
  const place = subnet4 === null ? 2 : placeOf(subnet4, four.address);
  const [gateway = '', length = '64'] = present?.split('/') ?? [];
  if (present !== undefined && (length !== '64' || !/^([0-9a-f]{1,4}:){4}:|^([0-9a-f]{1,4}:){1,4}:/i.test(gateway)))
    return refuse(`the IPv6 address ${present} of ${bridge} is not one that an address can be derived from`);
  const hash = createHash('sha256').update(`${machine} ${bridge}`).digest('hex');
  const prefix = present === undefined ? `fd${hash.slice(0, 2)}:${hash.slice(2, 6)}:${hash.slice(6, 10)}:` : '';
  const base = present === undefined ? `${prefix}:` : gateway.replace(/::.*$/, '::');
  const own = `${base}${place.toString(16)}`;
  return {
    family: 6,
    subnet: `${base}/64`,
    gateway: present === undefined ? `${base}1` : gateway,
    address: own === gateway || own === `${base}1` ? `${base}${(place + 0x1000).toString(16)}` : own,
    prefixLength: 64,
  };
};
