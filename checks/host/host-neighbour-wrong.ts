import type { Finding } from '../../src/model/finding.js';
import { hopOf, originLink, segmentLinks, wireLink } from '../../src/model/path-queries.js';
import type { NeighbourState } from '../../src/model/state.js';
import { type StepOf, stepsOf } from '../../src/routing/flow-walk-types.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { inside } from '../support/commands.js';
import { controlProof } from '../support/proofs.js';
import { twinOf } from '../support/twin.js';

export const hostNeighbourWrong = defineCheck({
  meta: {
    id: 'host-neighbour-wrong',
    code: 'V3514',
    title: "the host's neighbour entries lead to the right devices",
    covers: ['c2c-stale-arp', 'host-neigh-permanent-wrong', 'uplink-gateway-wrong-mac'],
    requires: ['target.links'],
    references: ['man 8 ip-neighbour', 'RFC 826'],
  },
  page: {
    meaning:
      'The host sends to a MAC address that the container, or its gateway, does not have; or a container does so for another on its bridge.',
    path: 'host -> neighbour table: the wrong MAC -> frame -> nobody takes it for its own.',
    decided:
      "The MAC in the host's table is none of the container's, which are read; of a gateway outside: its entry was set by hand, and ARP that comes from it names another MAC.",
    byHand: ['ip neigh show', 'ip -n NAME -br link', 'tcpdump -p -eni BRIDGE icmp'],
    origins: [
      'a permanent entry for a container that was made anew with another MAC',
      'a script against ARP spoofing',
      'a gateway that was replaced',
    ],
    fixes: ['ip neigh del ADDRESS dev DEVICE: the kernel asks again'],
    prevention: 'No permanent entries for addresses that somebody else gives out.',
    lab: 'host-neigh-permanent-wrong',
  },
  run(artifacts, context) {
    const stale = staleInContainer(context);
    if (stale) return fail(toNeighbour(context, stale));
    const steps = stepsOf(context.walk, 'neighbour').filter(({ netns }) => netns === 'host');
    if (steps.length === 0) return notApplicable('the host sends to no neighbour on this path');
    const device = hopOf(context.path, 'container')?.ifname ?? null;
    const own = artifacts['target.links'].find(({ ifname }) => ifname === device)?.address ?? null;
    const isOwn = (mac: string): boolean => artifacts['target.links'].some(({ address }) => address === mac);
    const inward = steps.find(({ way, detail }) => way === 'return' && detail.address === context.flow.source);
    const wrong = inward?.detail.entry ?? null;
    if (twinOf(context))
      return notApplicable('another namespace has the same address, at which a check of its own looks');
    if (inward && wrong?.lladdr && own !== null && !isOwn(wrong.lladdr) && hopOf(context.path, 'veth-host'))
      return wrong.states.includes('PERMANENT')
        ? fail(toContainer(context, inward, wrong, own))
        : notApplicable(`${wrong.lladdr} was learnt for ${wrong.address}: whose it is could not be read`);
    const outward = steps.find(({ way, detail }) => way === 'forward' && detail.entry?.states.includes('PERMANENT'));
    const byHand = outward?.detail.entry ?? null;
    const other = byHand && macInArp(context, byHand);
    if (outward && byHand && other) return fail(toGateway(context, outward, byHand, other));
    return pass("the host's neighbour entries on this path are right");
  },
});

interface StaleEntry {
  readonly entry: NeighbourState;
  /** MAC that this host has for the same address on the same bridge. */
  readonly known: NeighbourState;
}

const isSettled = ({ states }: NeighbourState): boolean =>
  states.some((state) => state === 'REACHABLE' || state === 'DELAY' || state === 'PROBE' || state === 'STALE');

/** What the container has for another container of its bridge, where this host has another MAC for it, which answered. */
const staleInContainer = (context: CheckContext): StaleEntry | null => {
  const { flow, path, control } = context;
  const port = hopOf(path, 'bridge-port');
  const device = hopOf(path, 'container')?.ifname;
  if (flow.kind !== 'lateral' || path.routers.length > 0 || !port || !device || !control?.answered) return null;
  const step = stepsOf(context.walk, 'neighbour').find(({ netns, way }) => netns === 'target' && way === 'forward');
  const entry =
    step?.detail.address === flow.destination ? context.neighbour('target', device, flow.destination) : null;
  const bridge = stepsOf(context.walk, 'bridge')[0]?.detail.bridge;
  const known = bridge ? context.neighbour('host', bridge, flow.destination) : null;
  if (!entry?.lladdr || !known?.lladdr || !isSettled(known) || known.lladdr === entry.lladdr) return null;
  return { entry, known };
};

const toNeighbour = (context: CheckContext, { entry, known }: StaleEntry): Finding => {
  const origin = originLink(context.path);
  const netns = context.netns('target');
  return {
    cause: 'c2c-stale-arp',
    title: `the container has a wrong MAC for ${entry.address}: ${entry.lladdr}`,
    place: { link: origin.id, stage: 'neighbour', way: 'forward', netns: 'target', device: entry.dev },
    loses: [
      { link: context.path.links.at(-1)?.id ?? origin.id, way: 'forward' },
      ...context.path.links.slice(1, -1).map(({ id }) => ({ link: id, way: 'forward' as const })),
    ],
    proof: [
      { kind: 'read', text: entryText(entry), command: inside(netns, ['ip', 'neigh', 'show', entry.address]) },
      { kind: 'read', text: entryText(known), command: ['ip', 'neigh', 'show', known.address] },
      ...controlProof(context),
    ],
    remedies: [
      {
        ...remedyFor(entry),
        title: 'let the container ask for the MAC again',
        netns: 'target',
        commands: remedyFor(entry).commands.map((command) => inside(netns, command)),
        undo: remedyFor(entry).undo.map((command) => inside(netns, command)),
      },
    ],
  };
};

/** The MAC from which ARP of an address came, where it is not the one of its entry; `null` where none was seen. */
const macInArp = ({ sightings }: CheckContext, { address, lladdr }: NeighbourState): string | null => {
  const arps = sightings.flatMap(({ packet: { arp } }) => (arp?.senderAddress === address ? [arp] : []));
  return arps.find(({ senderMac }) => senderMac !== lladdr)?.senderMac ?? null;
};

const remedyFor = ({ address, dev, lladdr, states }: NeighbourState) => ({
  kind: 'runtime' as const,
  title: 'let the host ask for the MAC again',
  netns: 'host',
  commands: [['ip', 'neigh', 'del', address, 'dev', dev]],
  undo: [
    [
      ...['ip', 'neigh', 'replace', address, 'lladdr', lladdr ?? '', 'dev', dev, 'nud'],
      states.includes('PERMANENT') ? 'permanent' : 'stale',
    ],
  ],
  risk: 'low' as const,
  riskText: 'one entry of the neighbour table; the next packet asks for it',
});

const entryText = ({ address, lladdr, dev, states }: NeighbourState): string =>
  `neighbour ${address} on ${dev}: ${lladdr} ${states.join(' ')}`;

const toContainer = (
  context: CheckContext,
  step: StepOf<'neighbour'>,
  entry: NeighbourState,
  own: string,
): Finding => ({
  cause: 'host-neigh-permanent-wrong',
  title: `the host has a wrong MAC for the container: ${entry.lladdr}`,
  place: { link: step.link, stage: 'neighbour', way: 'return', netns: 'host', device: entry.dev },
  loses: [
    { link: originLink(context.path).id, way: 'return' },
    ...segmentLinks(context.path).map((link) => ({ link: link.id, way: 'return' as const })),
  ],
  proof: [
    { kind: 'read', text: entryText(entry), command: ['ip', 'neigh', 'show', entry.address] },
    { kind: 'read', text: `the container's device has the MAC ${own}` },
  ],
  remedies: [remedyFor(entry)],
});

const toGateway = (
  context: CheckContext,
  step: StepOf<'neighbour'>,
  entry: NeighbourState,
  other: string,
): Finding => ({
  cause: 'uplink-gateway-wrong-mac',
  title: `the host has a wrong MAC for ${entry.address}: ${entry.lladdr}`,
  place: { link: step.link, stage: 'neighbour', way: 'forward', netns: 'host', device: entry.dev },
  loses: [{ link: wireLink(context.path)?.id ?? step.link, way: 'forward' }],
  proof: [
    { kind: 'seen', text: `ARP from ${entry.address} comes from ${other}` },
    { kind: 'read', text: entryText(entry), command: ['ip', 'neigh', 'show', entry.address] },
  ],
  remedies: [remedyFor(entry)],
});
