import type { Finding, Proof, Remedy } from '../../src/model/finding.js';
import type { Hop } from '../../src/model/path.js';
import { hopOf, originLink } from '../../src/model/path-queries.js';
import type { LinkState } from '../../src/model/state.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { inside } from '../support/commands.js';
import { unansweredProof } from '../support/proofs.js';

export const macvlanIsolation = defineCheck({
  meta: {
    id: 'macvlan-isolation',
    code: 'V6730',
    title: 'the macvlans of two containers may talk to each other',
    covers: ['macvlan-isolation', 'macvlan-private-c2c'],
    requires: ['target.links'],
    references: ['man 8 ip-link (macvlan mode)'],
  },
  page: {
    meaning:
      'Both containers are macvlans of one NIC, and their mode keeps them apart: private never lets them talk, vepa only by a switch that sends frames back.',
    path: 'container: "who has ADDRESS" -> macvlan: not handed to its sibling -> NIC -> switch, which does not send it back to the same port.',
    decided:
      'The destination is the address of another macvlan of the same NIC, the mode of one of the two is private or vepa, and its ARP stays without an answer.',
    byHand: ['ip -d link show eth0', 'nsenter -t PID -n ip -d link show eth0', 'nsenter -t PID -n ip neigh'],
    origins: ['docker network create -o macvlan_mode=private', 'a CNI configuration with "mode": "private" or "vepa"'],
    fixes: [
      'ip link set eth0 type macvlan mode bridge, in both containers: at once',
      'a network with macvlan_mode=bridge (the default of Docker): for good',
    ],
    prevention: 'Choose private only for containers that must not talk to each other.',
    lab: 'macvlan-private-c2c',
  },
  run(artifacts, context) {
    const [own, peer] = [hopOf(context.path, 'container'), hopOf(context.path, 'peer')];
    const device = artifacts['target.links'].find(({ ifname }) => ifname === own?.ifname);
    if (device?.kind !== 'macvlan' || !own || !peer?.ifname)
      return notApplicable('the flow does not go from one macvlan to another');
    const other = context.device(peer.netns, peer.ifname);
    const apart = [
      { hop: own, link: device },
      { hop: peer, link: other },
    ].flatMap(({ hop, link }) => (link && APART.has(modeOf(link)) ? [{ hop, link }] : []));
    const [first, ...more] = apart;
    return first ? fail(finding(context, [first, ...more])) : pass('the macvlans hand frames to each other');
  },
});

/** Modes that hand no frame to a sibling. */
const APART: ReadonlySet<string> = new Set(['private', 'vepa']);

const modeOf = ({ data }: LinkState): string => String(data['mode']);

interface Kept {
  readonly hop: Hop;
  readonly link: LinkState;
}

const finding = (context: CheckContext, apart: readonly [Kept, ...Kept[]]): Finding => {
  const [{ link, hop }] = apart;
  const origin = originLink(context.path).id;
  const isPrivate = apart.some((one) => modeOf(one.link) === 'private');
  const name = (one: Kept) => context.netns(one.hop.netns).name;
  return {
    cause: isPrivate ? 'macvlan-private-c2c' : 'macvlan-isolation',
    title: `macvlan mode ${modeOf(link)} keeps ${name(apart[0])} from its siblings on the same NIC`,
    place: { link: origin, stage: 'neighbour', way: 'forward', netns: hop.netns, device: link.ifname },
    loses: [{ link: origin, way: 'forward' }],
    proof: [
      readMode(context, apart[0]),
      ...apart.slice(1).map((one) => readMode(context, one)),
      ...unansweredProof(context, context.flow.destination),
    ],
    remedies: [bridgeMode(context, apart)],
    notes: ['the rest of the network is reached as before'],
  };
};

const readMode = (context: CheckContext, { hop, link }: Kept): Proof => ({
  kind: 'read',
  text: `${link.ifname} of ${context.netns(hop.netns).name}: macvlan mode ${modeOf(link)}`,
  command: inside(context.netns(hop.netns), ['ip', '-d', 'link', 'show', link.ifname]),
});

const bridgeMode = (context: CheckContext, apart: readonly [Kept, ...Kept[]]): Remedy => {
  const set = ({ hop, link }: Kept, mode: string) =>
    inside(context.netns(hop.netns), ['ip', 'link', 'set', link.ifname, 'type', 'macvlan', 'mode', mode]);
  return {
    kind: 'runtime',
    title: 'let both macvlans hand frames to their siblings (lost when the container is made anew)',
    netns: apart[0].hop.netns,
    commands: apart.map((one) => set(one, 'bridge')),
    undo: apart.toReversed().map((one) => set(one, modeOf(one.link))),
    risk: 'medium',
    riskText: 'every macvlan of the NIC in mode bridge can then reach them; the isolation may be meant',
  };
};
