import type { Remedy } from '../../src/model/finding.js';
import { hopOf, linkById } from '../../src/model/path-queries.js';
import type { LinkState } from '../../src/model/state.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { inside } from '../support/commands.js';

export const brMtu = defineCheck({
  meta: {
    id: 'br-mtu',
    code: 'V2514',
    title: 'the port to the other container takes packets of this size',
    covers: ['br-mtu', 'br-mtu-smaller-than-port-c2c'],
    requires: ['host.links'],
    references: ['br_dev_queue_push_xmit in net/bridge/br_forward.c'],
  },
  page: {
    meaning:
      'A bridge neither fragments nor answers: a frame that is larger than the MTU of the port it must leave by is dropped without a word.',
    path: 'container -> port -> bridge: too large for the other port.',
    decided: 'The packet is larger than the MTU of the port to the other container, and is last seen before it.',
    byHand: ['ip link show master br0', 'ping -M do -s 1472 OTHER-CONTAINER'],
    origins: ['containers of one bridge with different MTUs (an overlay or VPN network was added to one of them)'],
    fixes: ['the same MTU for all containers of a bridge, at both ends of each veth pair'],
    prevention: "Set the MTU in the network's configuration, not in single containers.",
    lab: 'br-mtu-smaller-than-port-c2c',
  },
  run(artifacts, context) {
    const port = hopOf(context.path, 'bridge-port');
    const into = context.path.links.find(({ to }) => to === port?.id);
    const out = artifacts['host.links'].find(({ ifname }) => ifname === port?.ifname);
    const first = hopOf(context.path, 'veth-host');
    const own = artifacts['host.links'].find(({ ifname }) => ifname === first?.ifname);
    if (port?.netns !== 'host' || !into || !out || !own)
      return notApplicable('the packets go from no port of a bridge to another');
    if (context.sent.bytes <= out.mtu) return pass(`${out.ifname} takes packets of ${context.sent.bytes} bytes`);
    return fail({
      cause: 'br-mtu-smaller-than-port-c2c',
      title: `${out.ifname} takes ${out.mtu} bytes at most, the packets have ${context.sent.bytes}`,
      place: {
        link: into.id,
        stage: linkById(context.path, into.id)?.stages.includes('bridge-forward') ? 'bridge-forward' : 'forward',
        way: 'forward',
        netns: 'host',
        device: out.ifname,
      },
      loses: [{ link: into.id, way: 'forward' }],
      proof: [
        { kind: 'read', text: `${out.ifname}: mtu ${out.mtu}`, command: ['ip', 'link', 'show', 'dev', out.ifname] },
        { kind: 'read', text: `${own.ifname}: mtu ${own.mtu}`, command: ['ip', 'link', 'show', 'dev', own.ifname] },
      ],
      remedies: [mtuOf(context, artifacts['host.links'], own.mtu, out)],
      notes: ['a bridge sends no "fragmentation needed": TCP stalls after its first full segment'],
    });
  },
});

/** Where this port alone is smaller than the others of the bridge, both ends of its pair get their MTU. */
const mtuOf = (context: CheckContext, links: readonly LinkState[], mtu: number, port: LinkState): Remedy => {
  const end = hopOf(context.path, 'peer');
  const device = end?.ifname ? context.device(end.netns, end.ifname) : null;
  const isAlone = links.every(
    ({ ifname, master, mtu: other }) => ifname === port.ifname || master !== port.master || other >= mtu,
  );
  if (!end || !device || port.kind !== 'veth' || !isAlone)
    return {
      kind: 'instruction',
      title: `give ${port.ifname} and the other container's end the MTU of the rest of the bridge (${mtu})`,
      netns: 'host',
      commands: [],
      undo: [],
      risk: 'low',
      riskText: 'nothing is changed here',
    };
  const set = (bytes: (link: LinkState) => number) =>
    [
      { netns: context.netns('host'), link: port },
      { netns: context.netns(end.netns), link: device },
    ]
      .filter(({ link }) => link.mtu < mtu)
      .map(({ netns, link }) => inside(netns, ['ip', 'link', 'set', 'dev', link.ifname, 'mtu', `${bytes(link)}`]));
  return {
    kind: 'runtime',
    title: `give both ends of ${port.ifname} the MTU of the other ports of the bridge (${mtu} bytes)`,
    netns: 'host',
    commands: set(() => mtu),
    undo: set((link) => link.mtu),
    risk: 'medium',
    riskText: `if ${context.netns(end.netns).name} was given ${port.mtu} bytes for a tunnel behind it, its own packets are too big there`,
  };
};
