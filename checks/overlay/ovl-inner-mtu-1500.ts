import type { Finding, Remedy } from '../../src/model/finding.js';
import { hopOf, wireLink } from '../../src/model/path-queries.js';
import type { LinkState } from '../../src/model/state.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { inside } from '../support/commands.js';
import { type Tunnel, tunnelOf, type Wrapped, wrapped } from '../support/tunnel.js';

export const ovlInnerMtu1500 = defineCheck({
  meta: {
    id: 'ovl-inner-mtu-1500',
    code: 'V6640',
    title: 'the packets fit the network between the hosts once they are wrapped',
    covers: ['ovl-inner-mtu-1500', 'ovl-mtu-df'],
    requires: ['host.links'],
    references: ['RFC 7348 §4.3', 'man 8 ip-link (vxlan: df)'],
  },
  page: {
    meaning:
      'The tunnel adds 50 bytes to every packet (70 over IPv6). A full-size packet of the container is then larger than the uplink takes: it is dropped here, or travels as fragments, which many networks drop.',
    path: 'tunnel device (MTU) -> outer packet, 50 bytes larger -> uplink (MTU): dropped where the outer packet must not be fragmented, else fragments.',
    decided: 'The wrapped packet is larger than the MTU of the device below the tunnel, and no answer comes back.',
    byHand: [
      'ip -d link show flannel.1',
      'ip link show eth0',
      'ping -M do -s 1422 DESTINATION: the largest that fits 1500 bytes',
    ],
    origins: [
      'the tunnel device or the containers were left at 1500 bytes',
      'the uplink carries less than 1500 bytes (a cloud network, a VPN)',
      'the tunnel sets "do not fragment" on its outer packets (df set)',
    ],
    fixes: [
      'ip link set flannel.1 mtu 1450: the uplink less 50 bytes',
      'the same MTU for the containers: restart them once their network has it',
      'ip link set flannel.1 type vxlan id 1 df unset: the outer packets travel as fragments, which some networks drop',
    ],
    prevention: 'Let the agent work out the MTU, and set that of the container network to the same.',
    lab: 'ovl-inner-mtu-1500',
  },
  run(artifacts, context) {
    const tunnel = tunnelOf(artifacts['host.links'], context);
    if (!tunnel) return notApplicable('the flow leaves by no VXLAN device');
    const whole = wrapped(artifacts['host.links'], context);
    if (!whole) return notApplicable('the device below the tunnel is not known');
    if (whole.bytes <= whole.under.mtu)
      return pass(`packets of ${whole.bytes} bytes with the tunnel's headers fit ${whole.under.ifname}`);
    if (tunnel.link.data['df'] === 'set') return fail(mustNotBeCut(tunnel, whole));
    const room = whole.under.mtu - (whole.bytes - context.sent.bytes);
    return tunnel.link.mtu > room
      ? fail(inFragments(context, tunnel, whole, room))
      : pass('the tunnel fits its uplink');
  },
});

const facts = ({ link }: Tunnel, { bytes, under }: Wrapped): Finding['proof'] => [
  { kind: 'read', text: `${link.ifname}: mtu ${link.mtu}`, command: ['ip', '-d', 'link', 'show', link.ifname] },
  { kind: 'read', text: `${under.ifname}: mtu ${under.mtu}`, command: ['ip', 'link', 'show', 'dev', under.ifname] },
  { kind: 'inferred', text: `with the headers of the tunnel the packets have ${bytes} bytes` },
];

const mustNotBeCut = (tunnel: Tunnel, whole: Wrapped): Finding => ({
  cause: 'ovl-mtu-df',
  title: `${whole.under.ifname} takes ${whole.under.mtu} bytes, the wrapped packets have ${whole.bytes}`,
  place: {
    link: tunnel.out,
    stage: 'postrouting',
    way: 'forward',
    netns: 'host',
    device: tunnel.link.ifname,
  },
  loses: [{ link: tunnel.out, way: 'forward' }],
  proof: [...facts(tunnel, whole), { kind: 'read', text: `${tunnel.link.ifname}: vxlan df set` }],
  remedies: [mayBeCut(tunnel, whole)],
  notes: ['nobody tells the container: its own MTU must be as small as that of the tunnel'],
});

const inFragments = (context: CheckContext, tunnel: Tunnel, whole: Wrapped, room: number): Finding => {
  const wire = wireLink(context.path)?.id ?? tunnel.into;
  return {
    cause: 'ovl-inner-mtu-1500',
    title: `${tunnel.link.ifname}: mtu ${tunnel.link.mtu}, but ${whole.under.ifname} has room for ${room}: fragments`,
    place: {
      link: tunnel.out,
      stage: 'postrouting',
      way: 'forward',
      netns: 'host',
      device: tunnel.link.ifname,
    },
    loses: [
      { link: wire, way: 'forward' },
      { link: wire, way: 'return' },
    ],
    proof: facts(tunnel, whole),
    remedies: [smaller(context, tunnel, room)],
    notes: ['the containers need the same MTU as the tunnel, or TCP learns it from the host once the tunnel has it'],
  };
};

/** The default of a VXLAN device: its outer packets may be fragmented. @see ip-link(8) */
const mayBeCut = ({ link }: Tunnel, { under }: Wrapped): Remedy => {
  const set = (df: string) => [
    'ip',
    'link',
    'set',
    'dev',
    link.ifname,
    'type',
    'vxlan',
    'id',
    `${link.data['id']}`,
    'df',
    df,
  ];
  return {
    kind: 'runtime',
    title: `let the outer packets of ${link.ifname} be fragmented`,
    netns: 'host',
    commands: [set('unset')],
    undo: [set('set')],
    risk: 'medium',
    riskText: `those over ${under.mtu} bytes travel as fragments, which some networks drop: an MTU of ${under.mtu - 50} for the containers avoids them`,
  };
};

/** The room that the uplink leaves, for the tunnel and for the end in the container that is probed. */
const smaller = (context: CheckContext, { link }: Tunnel, room: number): Remedy => {
  const end = hopOf(context.path, 'container');
  const device = end?.ifname ? context.device('target', end.ifname) : null;
  const devices = [
    { netns: context.netns('host'), device: link },
    ...(device === null ? [] : [{ netns: context.netns('target'), device }]),
  ].filter((one) => one.device.mtu > room);
  const set = (mtu: (one: LinkState) => number) =>
    devices.map((one) =>
      inside(one.netns, ['ip', 'link', 'set', 'dev', one.device.ifname, 'mtu', `${mtu(one.device)}`]),
    );
  return {
    kind: 'runtime',
    title: `give ${devices.map(({ device: { ifname } }) => ifname).join(' and ')} the room that is left: ${room} bytes`,
    netns: 'host',
    commands: set(() => room),
    undo: set(({ mtu }) => mtu),
    risk: 'medium',
    riskText:
      "the network's configuration has to say it too: other containers keep theirs, and new ones get the old one",
  };
};
