import type { Finding } from '../../src/model/finding.js';
import type { Hop } from '../../src/model/path.js';
import { hopOf } from '../../src/model/path-queries.js';
import type { LinkState } from '../../src/model/state.js';
import { type StepOf, stepsOf } from '../../src/routing/flow-walk-types.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { unansweredProof } from '../support/proofs.js';
import { type Snooping, snoopingAt } from '../support/snooping.js';
import { isUnresolved } from '../support/unresolved.js';

export const ip6McastSnoopingNoMld = defineCheck({
  meta: {
    id: 'ip6-mcast-snooping-no-mld',
    code: 'V2116',
    title: 'the bridge sends the question for an IPv6 neighbour to the port where it is',
    covers: ['ip6-mcast-snooping-no-mld'],
    inbound: 'also',
    requires: ['host.links'],
    references: ['RFC 4541 section 3', 'man 8 ip-link (mcast_snooping, mcast_querier)', 'man 8 bridge (mdb)'],
  },
  page: {
    meaning:
      'The bridge sends multicast only to ports that reported the group, and the port of the container has not: neighbour solicitations never reach it.',
    path: 'IPv6 asks the solicited-node group ff02::1:ffXX:XXXX for a neighbour -> bridge with mcast_snooping and a querier: only to ports with that group in the mdb, and to router ports.',
    decided:
      'The bridge snoops, somebody asks for reports, the group of the address is not in the mdb at that port, which is no router port, and the address is asked for in vain and not seen asked for behind that port.',
    byHand: [
      'bridge -d mdb show dev BRIDGE',
      'ip -d link show BRIDGE | grep -o "mcast_[a-z]* [0-9]*"',
      'ip -6 neigh show',
      'tcpdump -ni VETH icmp6',
    ],
    origins: [
      'a firewall in the container, or at its port, drops MLD reports (ICMPv6 types 131 and 143)',
      'a querier was switched on, or a router with one was connected: before, everything was flooded',
      'entries of the mdb were deleted, or lost when the port went down',
    ],
    fixes: [
      'ip link set BRIDGE type bridge mcast_snooping 0: multicast is flooded, at once',
      'let MLD reports pass where they are dropped',
      'bridge link set dev VETH mcast_router 2: this port gets every group',
    ],
    prevention: 'Accept ICMPv6 types 130 to 132 and 143 wherever a bridge snoops (RFC 4890 section 4.3).',
    lab: 'ip6-mcast-snooping-no-mld',
  },
  run(artifacts, context) {
    if (context.flow.family !== 6) return notApplicable('IPv4 asks for its neighbours by broadcast');
    const asked = stepsOf(context.walk, 'neighbour').flatMap((step) =>
      questionsAt(context, step, artifacts['host.links']),
    );
    if (asked.length === 0) return notApplicable('no bridge that snoops multicast is asked for a neighbour');
    const [first, ...more] = asked.filter((question) => isLost(context, question));
    return first
      ? fail(finding(context, first), ...more.map((question) => finding(context, question)))
      : pass('the bridge sends neighbour solicitations where they belong');
  },
});

/** A question for a neighbour behind a port of a bridge of the host. */
interface Question {
  readonly step: StepOf<'neighbour'>;
  readonly bridge: LinkState;
  readonly port: Hop & { readonly ifname: string };
  readonly snooping: Snooping;
}

/** The host asks for the container, or the container for another on its bridge. */
const questionsAt = (
  context: CheckContext,
  step: StepOf<'neighbour'>,
  links: readonly LinkState[],
): readonly Question[] => {
  const isLateral = step.netns === 'target' && context.flow.kind === 'lateral';
  const port = isLateral ? hopOf(context.path, 'bridge-port') : hopOf(context.path, 'veth-host');
  const master = links.find(({ ifname }) => ifname === port?.ifname)?.master;
  const bridge = links.find(({ ifname, kind }) => ifname === master && kind === 'bridge');
  const isCrossed = isLateral || (step.netns === 'host' && step.device === bridge?.ifname);
  if (!port?.ifname || !bridge || !isCrossed) return [];
  const snooping = snoopingAt(context, bridge, port.ifname, step.detail.address);
  return snooping ? [{ step, bridge, port: { ...port, ifname: port.ifname }, snooping }] : [];
};

const isLost = (context: CheckContext, { step, port, snooping }: Question): boolean => {
  const { address } = step.detail;
  const cameThrough = context.located.neighbour.some((asked) => asked.address === address && asked.hop === port.id);
  const isFound = !isUnresolved(context.neighbour(step.netns, step.device ?? '', address));
  if (snooping.reaches || snooping.querier === null || isFound || cameThrough) return false;
  return snooping.querier === 'bridge' || context.located.neighbour.some((asked) => asked.address === address);
};

const finding = (context: CheckContext, { step, bridge, port, snooping }: Question): Finding => {
  const { address } = step.detail;
  const link = context.path.links.find(({ from, to }) => from === port.id || to === port.id)?.id ?? step.link;
  const set = ['ip', 'link', 'set', bridge.ifname, 'type', 'bridge', 'mcast_snooping'];
  const { querier, group } = snooping;
  return {
    cause: 'ip6-mcast-snooping-no-mld',
    title: `${bridge.ifname} snoops multicast and does not send ${group} to ${port.ifname}`,
    place: { link, stage: 'bridge-forward', way: step.way, netns: 'host', device: port.ifname },
    loses: [
      { link: step.link, way: step.way },
      { link, way: step.way },
    ],
    proof: [
      {
        kind: 'read',
        text: `${bridge.ifname}: no ${port.ifname} for ${group}, which ${address} is asked in`,
        command: ['bridge', '-d', 'mdb', 'show', 'dev', bridge.ifname],
      },
      {
        kind: 'read',
        text: `${bridge.ifname}: mcast_snooping 1, ${querier === 'bridge' ? 'mcast_querier 1' : `and another querier behind ${querier?.port}`}`,
        command: ['ip', '-d', 'link', 'show', bridge.ifname],
      },
      ...unansweredProof(context, address),
    ],
    remedies: [
      {
        kind: 'runtime',
        title: `let ${bridge.ifname} send multicast to every port`,
        netns: 'host',
        commands: [[...set, '0']],
        undo: [[...set, '1']],
        risk: 'low',
        riskText: `every port of ${bridge.ifname} gets all multicast; lost at reboot`,
      },
    ],
    notes: [
      'IPv4 works: it asks by broadcast',
      `${port.ifname} lost its entry because no MLD report came in by it: find what drops ICMPv6 types 131 and 143 behind it`,
    ],
  };
};
