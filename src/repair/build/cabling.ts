import type { BuildPart, FamilyDesign, NetworkDesign, WantedFact } from '../../model/build.js';
import type { Facet } from '../../model/repair.js';

const LINK: readonly Facet[] = ['link', 'up', 'master', 'mtu', 'mac', 'address', 'route', 'fdb', 'vlan', 'port'];
const CONTAINER_END = 'eth0';

const there = (netns: string, facet: Facet, key: string, value: string | null = null): WantedFact => ({
  netns,
  facet,
  key,
  value,
});

type Words = Pick<BuildPart, 'id' | 'title' | 'why'>;

const part = (
  words: Words,
  [netns, command]: readonly [string, string],
  facts: readonly WantedFact[],
  more: Partial<BuildPart> = {},
): BuildPart => ({
  ...words,
  netns,
  inner: command.split(' '),
  facts,
  rule: null,
  scope: LINK,
  makes: [],
  devices: [],
  risk: 'touches nothing that is in use',
  ...more,
});

export interface CablingOptions {
  /** Words of `ip link` that name the container's namespace: a name or a PID. */
  readonly into: string;
  /** The container's cable is there already, and takes larger packets than the way outside. */
  readonly isTooLarge: boolean;
}

/** The bridge, the cable and the addresses: everything up to the container's default route. */
export const cablingParts = (
  { bridge, hostEnd, mtu, families }: NetworkDesign,
  { into, isTooLarge }: CablingOptions,
): readonly BuildPart[] => {
  const ends = [bridge, hostEnd, CONTAINER_END];
  return [
    part(
      {
        id: 'bridge',
        title: `make the bridge ${bridge}`,
        why: 'a bridge is a switch inside the kernel: what is plugged into it can talk to each other',
      },
      ['host', `ip link add ${bridge} type bridge`],
      [there('host', 'link', bridge, 'bridge')],
      { makes: [{ netns: 'host', device: bridge }], devices: ends },
    ),
    ...families.map((family) => bridgeAddress(bridge, family)),
    part(
      { id: 'bridge-up', title: `switch ${bridge} on`, why: 'a device that is down passes nothing' },
      ['host', `ip link set dev ${bridge} up`],
      [there('host', 'up', bridge, 'up')],
      { devices: ends },
    ),
    part(
      {
        id: 'cable',
        title: `lay a cable from ${hostEnd} here to ${CONTAINER_END} in the container`,
        why: 'a veth pair is a cable: what goes in at one end comes out at the other, here in another namespace',
      },
      ['host', `ip link add ${hostEnd} mtu ${mtu} type veth peer name ${CONTAINER_END} mtu ${mtu} netns ${into}`],
      [there('target', 'link', CONTAINER_END), there('host', 'link', hostEnd)],
      {
        makes: [
          { netns: 'host', device: hostEnd },
          { netns: 'target', device: CONTAINER_END },
        ],
        devices: ends,
      },
    ),
    ...(isTooLarge ? smallerMtu(bridge, hostEnd, mtu) : []),
    part(
      {
        id: 'plug',
        title: `plug ${hostEnd} into ${bridge}`,
        why: 'the cable hangs loose until its end is a port of the bridge',
      },
      ['host', `ip link set dev ${hostEnd} master ${bridge}`],
      [there('host', 'master', hostEnd, bridge)],
      { devices: ends },
    ),
    part(
      {
        id: 'host-end-up',
        title: `switch ${hostEnd} on`,
        why: 'both ends of a cable have to be up before it carries anything',
      },
      ['host', `ip link set dev ${hostEnd} up`],
      [there('host', 'up', hostEnd, 'up')],
      { devices: ends },
    ),
    part(
      {
        id: 'loopback-up',
        title: 'switch lo on in the container',
        why: 'a new namespace has its loopback device down: 127.0.0.1 would not answer',
      },
      ['target', 'ip link set dev lo up'],
      [there('target', 'up', 'lo', 'up')],
      { devices: ['lo'] },
    ),
    ...families.flatMap((family) => (family.family === 6 ? [ipv6On] : [])),
    ...families.map(containerAddress),
    part(
      {
        id: 'container-end-up',
        title: `switch ${CONTAINER_END} on in the container`,
        why: 'now both ends are up, and the link has a carrier',
      },
      ['target', `ip link set dev ${CONTAINER_END} up`],
      [there('target', 'up', CONTAINER_END, 'up')],
      { devices: ends },
    ),
    ...families.map(defaultRoutePart),
  ];
};

const ipv6On: BuildPart = part(
  {
    id: 'container-ipv6',
    title: `switch IPv6 on for ${CONTAINER_END} in the container`,
    why: 'runtimes switch it off in containers that have no IPv6 network',
  },
  ['target', `sysctl -w net.ipv6.conf.${CONTAINER_END}.disable_ipv6=0`],
  [there('target', 'sysctl', `net.ipv6.conf.${CONTAINER_END}.disable_ipv6`, '0')],
  { scope: ['sysctl', 'address', 'route'], devices: [CONTAINER_END] },
);

const suffix = (family: 4 | 6): string => (family === 4 ? '' : '-ipv6');

const bridgeAddress = (bridge: string, { family, gateway, prefixLength }: FamilyDesign): BuildPart =>
  part(
    {
      id: `bridge-address${suffix(family)}`,
      title: `give ${bridge} the address ${gateway}/${prefixLength}`,
      why: "it is the container's gateway, and tells this host that the subnet lies behind the bridge",
    },
    ['host', `ip addr add ${gateway}/${prefixLength} dev ${bridge}${family === 6 ? ' nodad' : ''}`],
    [there('host', 'address', `${bridge} ${gateway}/${prefixLength}`)],
    { devices: [bridge] },
  );

const containerAddress = ({ family, address, prefixLength }: FamilyDesign): BuildPart =>
  part(
    {
      id: `container-address${suffix(family)}`,
      title: `give ${CONTAINER_END} the address ${address}/${prefixLength} in the container`,
      why: 'without an address the container has nothing to send from; nobody else in the subnet has this one',
    },
    ['target', `ip addr add ${address}/${prefixLength} dev ${CONTAINER_END}${family === 6 ? ' nodad' : ''}`],
    [there('target', 'address', `${CONTAINER_END} ${address}/${prefixLength}`)],
    { devices: [CONTAINER_END] },
  );

const defaultRoutePart = ({ family, gateway }: FamilyDesign): BuildPart =>
  part(
    {
      id: `default-route${suffix(family)}`,
      title: `send everything else from the container to ${gateway}`,
      why: 'the subnet is reached directly, all other addresses by the gateway',
    },
    ['target', `ip -${family} route replace default via ${gateway} dev ${CONTAINER_END}`],
    [there('target', 'route', `${family} default via ${gateway} dev ${CONTAINER_END}`)],
    { scope: ['route'], devices: [CONTAINER_END] },
  );

const smallerMtu = (bridge: string, hostEnd: string, mtu: number): readonly BuildPart[] =>
  [
    ['host', hostEnd],
    ['target', CONTAINER_END],
  ].map(([netns = '', device = '']) =>
    part(
      {
        id: `mtu-${netns}`,
        title: `limit ${device} to ${mtu} bytes${netns === 'target' ? ' in the container' : ''}`,
        why: 'what is larger than the way outside takes would be broken up, or lost',
      },
      [netns, `ip link set dev ${device} mtu ${mtu}`],
      [there(netns, 'mtu', device, String(mtu))],
      { devices: [bridge, hostEnd, CONTAINER_END] },
    ),
  );
