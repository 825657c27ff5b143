import type { Finding } from '../../src/model/finding.js';
import { hopOf, originLink, segmentLinks, wireLink } from '../../src/model/path-queries.js';
import type { NeighbourState } from '../../src/model/state.js';
import { type StepOf, stepsOf } from '../../src/routing/flow-walk-types.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';

export const hostNeighbourWrong = defineCheck({
  meta: {
    id: 'host-neighbour-wrong',
    code: 'V3514',
    title: "the host's neighbour entries lead to the right devices",
    covers: ['host-neigh-permanent-wrong', 'uplink-gateway-wrong-mac'],
    requires: ['target.links'],
    references: ['man 8 ip-neighbour', 'RFC 826'],
  },
  page: {
    meaning: 'The host sends to a MAC address that the container, or its gateway, does not have.',
    path: 'host -> neighbour table: the wrong MAC -> frame -> nobody takes it for its own.',
    decided:
      "The MAC in the host's table is not that of the container's device, which is read; of a gateway outside only that its entry was set by hand and that nothing at all comes back.",
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
    const steps = stepsOf(context.walk, 'neighbour').filter(({ netns }) => netns === 'host');
    if (steps.length === 0) return notApplicable('the host sends to no neighbour on this path');
    const device = hopOf(context.path, 'container')?.ifname ?? null;
    const own = artifacts['target.links'].find(({ ifname }) => ifname === device)?.address ?? null;
    const inward = steps.find(({ way, detail }) => way === 'return' && detail.address === context.flow.source);
    const wrong = inward?.detail.entry ?? null;
    if (inward && wrong?.lladdr && own !== null && wrong.lladdr !== own && hopOf(context.path, 'veth-host'))
      return fail(toContainer(context, inward, wrong, own));
    const outward = steps.find(({ way, detail }) => way === 'forward' && detail.entry?.states.includes('PERMANENT'));
    const byHand = outward?.detail.entry ?? null;
    if (outward && byHand && isAllSilent(context)) return fail(toGateway(context, outward, byHand));
    return pass("the host's neighbour entries on this path are right");
  },
});

/** Nothing comes back for anybody: neither for the container nor for the host itself. */
const isAllSilent = ({ located, control, path }: CheckContext): boolean =>
  located.answered === 0 &&
  located.replyBy.length === 0 &&
  located.forwardBreak?.link === wireLink(path)?.id &&
  control !== null &&
  control.failure === null &&
  control.answered === 0;

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

const toGateway = (context: CheckContext, step: StepOf<'neighbour'>, entry: NeighbourState): Finding => ({
  cause: 'uplink-gateway-wrong-mac',
  title: `${entry.address} has a MAC set by hand, and nothing comes back`,
  place: { link: step.link, stage: 'neighbour', way: 'forward', netns: 'host', device: entry.dev },
  loses: [{ link: wireLink(context.path)?.id ?? step.link, way: 'forward' }],
  proof: [
    { kind: 'read', text: entryText(entry), command: ['ip', 'neigh', 'show', entry.address] },
    {
      kind: 'inferred',
      text: 'neither the container nor the host itself gets an answer: the kernel cannot notice that such an entry is wrong',
    },
  ],
  remedies: [remedyFor(entry)],
  notes: ['where the entry is right, what lies beyond it drops the packets'],
});
