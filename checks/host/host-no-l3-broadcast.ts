import type { Finding, Proof } from '../../src/model/finding.js';
import { type StepOf, stepsOf } from '../../src/routing/flow-walk-types.js';
import { isMulticast, LIMITED_BROADCAST } from '../../src/routing/lookup-route.js';
import { addressIn } from '../../src/routing/network.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { askedProof } from '../support/proofs.js';

type RouteStep = StepOf<'route'>;
type Sysctls = Readonly<Record<string, string>>;

/** Groups that are for one link, whatever a multicast router would do. */
const LINK_GROUPS = ['224.0.0.0/24', 'ff01::/16', 'ff02::/16'] as const;

export const hostNoL3Broadcast = defineCheck({
  meta: {
    id: 'host-no-l3-broadcast',
    code: 'V3013',
    title: 'the host hands on what is sent to a group or to everybody',
    covers: ['host-no-l3-broadcast', 'host-multicast-not-forwarded', 'host-broadcast-not-forwarded'],
    requires: ['host.sysctls'],
    references: [
      'https://docs.kernel.org/networking/ip-sysctl.html (mc_forwarding, bc_forwarding)',
      'https://www.rfc-editor.org/rfc/rfc1812#section-5.3.5',
    ],
  },
  page: {
    meaning:
      'The destination is a multicast group or a broadcast address. A host that routes hands neither on, so that they end on the bridge of the container, and discovery (mDNS, SSDP, Wake-on-LAN) finds nothing beyond it.',
    path: 'container -> bridge -> route look-up of the host: a group or a broadcast is delivered to this host or dropped. FORWARD is never reached.',
    decided:
      'The kernel asks no route for a group or for 255.255.255.255, or its route for the destination has the type broadcast; mc_forwarding or bc_forwarding of the bridge is 0.',
    byHand: [
      'ip route get DESTINATION from CONTAINER iif br0',
      'ip route show table local type broadcast',
      'sysctl net.ipv4.conf.all.mc_forwarding net.ipv4.conf.br0.mc_forwarding',
      'sysctl net.ipv4.conf.all.bc_forwarding net.ipv4.conf.br0.bc_forwarding',
    ],
    origins: [
      'none: every router does so, unless it is told otherwise',
      'a program that was made for one flat network',
    ],
    fixes: [
      "the host's own network (network_mode: host) or a macvlan of its NIC: the container then is on the link where the others are",
      'a reflector on the host for one protocol: avahi-daemon with enable-reflector=yes',
      'a multicast router on the host (smcrouted, pimd): the programs have to send with a TTL above 1',
      'bc_forwarding of "all" and of the bridge set to 1: for the broadcast address of another network, not for 255.255.255.255; answers are not translated back, as they come from other addresses',
    ],
    prevention: 'Give such programs the addresses of their peers, or a registry to ask.',
    lab: null,
  },
  run(artifacts, context) {
    const step = stepsOf(context.walk, 'route').find(({ way, netns }) => way === 'forward' && netns !== 'target');
    if (step?.netns !== 'host' || step.detail.query.iif === null)
      return notApplicable('the host does not forward the packets on this path');
    const kind = kindOf(step);
    if (kind !== null && step.detail.answer.dev === step.detail.query.iif)
      return notApplicable(`${step.detail.query.destination} is for the network that the packets come from`);
    if (kind === null) return notApplicable(`${step.detail.query.destination} is the address of one host`);
    const handsOn = kind.keys.length > 0 && kind.keys.every((key) => Number(artifacts['host.sysctls'][key] ?? 0) !== 0);
    if (handsOn) return pass(`the host hands on ${kind.name} that ${step.detail.query.iif} receives`);
    return fail(finding(context, step, kind, artifacts['host.sysctls']));
  },
});

interface Kind {
  readonly name: 'multicast' | 'broadcasts';
  readonly cause: string;
  readonly title: string;
  /** Settings that all have to be on for it to be handed on; empty where it never is. */
  readonly keys: readonly string[];
  readonly notes: readonly string[];
}

/** `null` for the address of one host. What the kernel hands on as a broadcast has a route of that type, and another outcome. */
const kindOf = ({ detail: { query, answer } }: RouteStep): Kind | null => {
  const { destination, family, iif } = query;
  if (isMulticast(destination)) {
    const isForLink = LINK_GROUPS.some((group) => addressIn(group, destination));
    return {
      name: 'multicast',
      cause: 'host-multicast-not-forwarded',
      title: isForLink
        ? `${destination} is a group of one link alone: no host forwards it`
        : `${destination} is a multicast group, and the host forwards no multicast from ${iif}`,
      keys: isForLink ? [] : keysOf(family, iif ?? '', 'mc_forwarding'),
      notes: ['programs send multicast with a TTL of 1 unless they ask for more: it ends at the first router anyway'],
    };
  }
  const isLimited = destination === LIMITED_BROADCAST;
  if (!isLimited && answer.route?.type !== 'broadcast') return null;
  return {
    name: 'broadcasts',
    cause: 'host-broadcast-not-forwarded',
    title: isLimited
      ? `${destination} is for the container's own link alone: no host forwards it`
      : `${destination} is the broadcast address of another network, and the host forwards none from ${iif}`,
    keys: isLimited ? [] : keysOf(4, iif ?? '', 'bc_forwarding'),
    notes: ['the host itself gets it, and answers no ping to it (icmp_echo_ignore_broadcasts)'],
  };
};

const keysOf = (family: 4 | 6, iif: string, name: string): readonly string[] =>
  (family === 6 ? ['all'] : ['all', iif]).map((device) => `net.ipv${family}.conf.${device}.${name}`);

const finding = (context: CheckContext, step: RouteStep, kind: Kind, sysctls: Sysctls): Finding => {
  const { query, answer } = step.detail;
  const off = kind.keys.findLast((key) => Number(sysctls[key] ?? 0) === 0);
  const read: Proof =
    off === undefined
      ? { kind: 'inferred', text: `${query.destination} never leaves its link` }
      : { kind: 'read', text: `${off} = ${sysctls[off] ?? 'absent'}`, command: ['sysctl', off] };
  const route: readonly Proof[] =
    answer.route?.type === 'broadcast'
      ? [{ kind: 'read', text: answer.route.text, command: ['ip', 'route', 'show', 'table', 'local'] }]
      : [];
  const { protocol, port } = context.flow;
  const takers = (context.sockets('host') ?? []).filter((one) => one.protocol === protocol && one.port === port);
  return {
    cause: kind.cause,
    title: kind.title,
    place: {
      link: step.link,
      stage: 'route',
      way: 'forward',
      netns: 'host',
      device: query.iif ?? '',
      ...(off === undefined ? {} : { object: off }),
    },
    loses: [{ link: step.link, way: 'forward' }],
    proof: [read, ...route, ...askedProof(context, 'route-forward', 'host')],
    remedies: [
      {
        kind: 'instruction',
        title: `put the program on the link of those that it looks for: the host's own network, or a macvlan of its NIC${kind.name === 'multicast' ? '; or let a reflector or a multicast router run on the host' : ''}`,
        netns: 'host',
        commands: [],
        undo: [],
        risk: 'low',
        riskText: 'nothing is wrong with the network: nothing of it is to be changed',
      },
    ],
    notes: [
      ...kind.notes,
      ...(takers.length > 0
        ? [`a program of the host has ${protocol} port ${port}: whether it hands on what it gets is its own matter`]
        : []),
    ],
  };
};
