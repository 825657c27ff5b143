import type { Finding, Proof } from '../../src/model/finding.js';
import type { NetnsId } from '../../src/model/netns.js';
import { deliveryLink, hopOf, wireLink } from '../../src/model/path-queries.js';
import type { ProbeOutcome } from '../../src/model/probe.js';
import type { HookPacket } from '../../src/netfilter/types.js';
import { type ServiceAnswer, stepsOf } from '../../src/routing/flow-walk-types.js';
import { firstPacket } from '../../src/routing/probe-packet.js';
import { serviceFor } from '../../src/routing/service.js';
import { type CheckContext, type CheckProduct, fail, notApplicable, pass } from '../define-check.js';
import { inside } from './commands.js';
import { countedProof } from './proofs.js';
import { openWords } from './published.js';

/**
 * Whether everything that the probe sent was refused: it came somewhere, and nobody takes it there. Of many datagrams only some
 * are told so, since ICMP errors are limited in number. @see RFC 1812 §4.3.2.8, icmp(7) icmp_ratelimit
 */
export const isAllRefused = ({ probe, flow }: CheckContext): boolean => {
  const outcomes = probe?.answers.map(({ outcome }) => outcome) ?? [];
  const isSo = (outcome: ProbeOutcome): boolean =>
    outcome === 'refused' || (flow.protocol === 'udp' && outcome === 'timeout');
  return outcomes.includes('refused') && outcomes.every(isSo);
};

/** Where the probe ends on this host, and what listens there; `null` where it leaves the host or that is not known. */
export const arrivalOf = (
  context: CheckContext,
): {
  readonly netns: NetnsId;
  readonly link: string;
  readonly packet: HookPacket;
  readonly answer: ServiceAnswer;
} | null => {
  const { flow, path, walk } = context;
  const [service, link] = [hopOf(path, 'service'), deliveryLink(path)];
  const sockets = service && context.sockets(service.netns);
  if (!service || !link || !sockets) return null;
  const hooks = stepsOf(walk, 'hook').filter(({ way, netns }) => way === 'forward' && netns === service.netns);
  const packet = hooks.at(-1)?.detail.walk.packet ?? firstPacket(flow, 0);
  const answer = serviceFor(sockets, packet);
  return answer && { netns: service.netns, link: link.id, packet, answer };
};

/** What the sockets of a namespace show about a port that is refused there. */
export const closedProofs = (
  context: CheckContext,
  netns: NetnsId,
  answer: ServiceAnswer,
  name: string,
): readonly [Proof, ...Proof[]] => [
  {
    kind: 'read',
    text: `no socket of ${name} takes ${answer.protocol} port ${answer.port} at ${answer.address}; ${openWords(answer)}`,
    command: inside(context.netns(netns), ['ss', answer.protocol === 'udp' ? '-lnu' : '-lnt']),
  },
  ...countedProof(context, netns, answer.protocol === 'udp' ? 'Udp.NoPorts' : 'Tcp.OutRsts'),
];

const byHand = (title: string, netns: NetnsId): Finding['remedies'] => [
  {
    kind: 'instruction',
    title,
    netns,
    commands: [],
    undo: [],
    risk: 'low',
    riskText: 'the network is as it should be: nothing of it is to be changed',
  },
];

/** A probe of the container that is refused: by nobody's port on this host or in another container, or outside. */
export const refusedFlow = (context: CheckContext): CheckProduct => {
  if (!isAllRefused(context)) return notApplicable('nothing is refused');
  if (wireLink(context.path)) return refusedOutside(context);
  if (context.flow.kind === 'local' && context.flow.dns) return notApplicable('the DNS server is in the container');
  const arrival = arrivalOf(context);
  if (arrival === null) return notApplicable('what listens where the packets arrive is not known');
  const { answer, netns, link } = arrival;
  if (answer.listens === 'yes') return pass(`port ${answer.port} is open where the packets arrive`);
  const unread = meantElsewhere(context, netns);
  if (unread !== null) return notApplicable(unread);
  const name = netns === 'host' ? 'this host' : context.netns(netns).name;
  return fail({
    cause: causeOf(context, netns, answer),
    title: titleOf(context, name, answer),
    place: { link, stage: 'socket', way: 'forward', netns },
    loses: [{ link, way: 'forward' }],
    proof: closedProofs(context, netns, answer, name),
    remedies: byHand(
      answer.listens === 'elsewhere'
        ? `let the program listen on ${answer.address} too, or on all addresses`
        : `start the program on ${name} that has the port, or look why it ended`,
      netns,
    ),
  });
};

/** Why it cannot be told from a refusal by the wrong machine; `null` where it can. */
const meantElsewhere = (context: CheckContext, netns: NetnsId): string | null => {
  if (netns === 'host' && !context.hasRead('host', 'links', 'addresses', 'routes', 'rules'))
    return 'whether this host should have the address could not be read';
  const isOwn = netns === 'target' && context.flow.kind === 'local';
  return isOwn && !(context.hasRead('target', 'routes') && context.hasRead('host', 'sockets'))
    ? 'whether the host has the port instead could not be read'
    : null;
};

const causeOf = ({ flow }: CheckContext, netns: NetnsId, { listens }: ServiceAnswer): string => {
  if (listens === 'elsewhere') return 'pub-service-bound-loopback';
  return flow.dns && netns === 'host' ? 'dns-host-resolver-down' : 'pub-service-not-listening';
};

const titleOf = (
  { flow }: CheckContext,
  name: string,
  { listens, on, port, address, protocol }: ServiceAnswer,
): string => {
  if (listens === 'elsewhere') return `port ${port} of ${name} is open on ${on.join(', ')} alone, not on ${address}`;
  return flow.dns
    ? `no DNS server listens on ${address} port ${port} of ${name}`
    : `nothing listens on ${protocol} port ${port} of ${name}`;
};

/** The refusal came in from the wire: the destination says it, or a firewall in its name. */
const refusedOutside = (context: CheckContext): CheckProduct => {
  const { flow, located, path } = context;
  const [wire, uplink] = [wireLink(path), hopOf(path, 'uplink')];
  if (!wire || !uplink) return notApplicable('the flow does not leave the host');
  const errors = located.errors.filter(({ way, hops }) => way === 'return' && hops.includes(uplink.id));
  const cameBack = located.counts.some(({ hop, return: back }) => hop === uplink.id && back > 0);
  if (!cameBack && errors.length === 0) return notApplicable('who refuses it was not seen');
  const other = errors.find(({ from }) => from !== flow.destination)?.from;
  const what = `port ${flow.port} of ${flow.destination} is refused`;
  return fail({
    cause: 'pub-service-not-listening',
    title: other === undefined ? `${what}, from outside this host` : `${what} by ${other}, on the way`,
    place: {
      link: wire.id,
      stage: 'outside',
      way: 'forward',
      netns: 'host',
      ...(uplink.ifname ? { device: uplink.ifname } : {}),
    },
    loses: [
      { link: wire.id, way: 'forward' },
      { link: wire.id, way: 'return' },
    ],
    proof: [
      {
        kind: 'seen',
        text: `the requests leave by ${uplink.ifname}, and ${flow.protocol === 'tcp' ? 'a reset' : 'port unreachable'} comes back by it`,
      },
      ...controlWords(context),
    ],
    remedies: byHand(
      'nothing on this host can mend it: see that the program runs there and has this port, and what a firewall before it allows',
      'host',
    ),
    notes: ['a firewall outside may refuse in the name of the destination: that looks the same from here'],
  });
};

const controlWords = ({ control }: CheckContext): readonly Proof[] => {
  if (control?.failure !== null) return [];
  const refused = control.answers.filter(({ outcome }) => outcome === 'refused').length;
  return [
    {
      kind: 'control',
      text: `the same probe from the host itself: ${refused} of ${control.sent} refused`,
      command: control.command,
    },
  ];
};
