import type { Finding } from '../../src/model/finding.js';
import { hopOf, originLink } from '../../src/model/path-queries.js';
import type { LinkState } from '../../src/model/state.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { inside } from '../support/commands.js';
import { unansweredProof } from '../support/proofs.js';

/** Kinds of devices that share a NIC, and hand none of their frames to the namespace that has it. */
const SHARING: ReadonlySet<string | null> = new Set(['macvlan', 'macvtap', 'ipvlan', 'ipvtap']);

export const ipvlanHostUnreachable = defineCheck({
  meta: {
    id: 'ipvlan-host-unreachable',
    code: 'V6740',
    title: 'the container does not ask the host itself over the NIC that they share',
    covers: ['ipvlan-host-unreachable', 'macvlan-host-unreachable'],
    requires: ['target.links', 'host.links'],
    references: ['https://docs.kernel.org/networking/ipvlan.html', 'man 8 ip-link (macvlan, ipvlan)'],
  },
  page: {
    meaning:
      'The container is a macvlan or ipvlan of a NIC of the host, and the destination is the address that the host has on that very NIC: the kernel hands frames to the network outside and to siblings, never to the host.',
    path: 'container -> macvlan or ipvlan -> NIC, out to the network; the host, which has the NIC, does not get the frame.',
    decided:
      'The container sends by a macvlan or ipvlan, the destination is an address of the host on the device below it, the host has no such device of its own beside it, and nothing comes back.',
    byHand: ['ip -d link show eth0 (in the container)', 'ip -br addr show dev NIC', 'tcpdump -ni NIC arp'],
    origins: ['a container that asks a service of its own host: DNS, a proxy, a registry, monitoring'],
    fixes: [
      'a device of the host of the same kind (a shim) on the NIC, with a route to the container by it',
      'a second network of the container, on a bridge, for what it needs of its host',
    ],
    prevention: 'Put what containers need of their host on another address than that of the shared NIC.',
    lab: null,
  },
  run(artifacts, context) {
    const { flow, path, located } = context;
    const hop = hopOf(path, 'container');
    const device = artifacts['target.links'].find(({ ifname }) => ifname === hop?.ifname);
    if (!device || !SHARING.has(device.kind)) return notApplicable('the container shares no NIC with its host');
    const next = path.links.find(({ from }) => from === hop?.id)?.to;
    const below = path.hops.find(({ id }) => id === next);
    const isBelow = context
      .owners(flow.destination)
      .some((owner) => owner.netns.id === 'host' && owner.device === below?.ifname);
    if (below?.netns !== 'host' || !below.ifname || !isBelow)
      return notApplicable(`${flow.destination} is no address of the host on the NIC below`);
    if (located.answered > 0 || located.replyBy.length > 0) return pass('answers come back');
    const shim = artifacts['host.links'].find(
      ({ kind, lower, flags }) => SHARING.has(kind) && lower === below.ifname && flags.includes('UP'),
    );
    if (shim) return notApplicable(`${shim.ifname} of the host is beside it on ${below.ifname}`);
    return fail(finding(context, device, below.ifname));
  },
});

const finding = (context: CheckContext, device: LinkState, below: string): Finding => {
  const { flow, path } = context;
  const origin = originLink(path).id;
  const out = path.links.find(({ from }) => from === hopOf(path, 'container')?.id)?.id ?? origin;
  const kind = device.kind?.startsWith('ip') ? 'ipvlan' : 'macvlan';
  return {
    cause: `${kind}-host-unreachable`,
    title: `${flow.destination} is the host's own address on ${below}, which hands it no frame of a ${kind}`,
    place: { link: origin, stage: 'neighbour', way: 'forward', netns: 'target', device: device.ifname },
    loses: [
      { link: origin, way: 'forward' },
      { link: out, way: 'forward' },
    ],
    proof: [
      {
        kind: 'read',
        text: `${device.ifname} of the container is a ${device.kind} on ${below}`,
        command: inside(context.netns('target'), ['ip', '-d', 'link', 'show', device.ifname]),
      },
      {
        kind: 'read',
        text: `${below} of the host has ${flow.destination}`,
        command: ['ip', 'addr', 'show', 'dev', below],
      },
      ...unansweredProof(context, flow.destination),
    ],
    remedies: [
      {
        kind: 'instruction',
        title: `give the host a ${kind} beside it: ip link add shim link ${below} type ${kind} mode ${kind === 'macvlan' ? 'bridge' : 'l2'}; ip addr add ADDRESS dev shim; ip link set shim up; ip route add ${flow.source ?? 'CONTAINER'} dev shim`,
        netns: 'host',
        commands: [],
        undo: [],
        risk: 'low',
        riskText: 'one device and one route of the host; the network outside is reached as before',
      },
    ],
    notes: ['it is meant so: the rest of the network is reached, and reaches the container'],
  };
};
