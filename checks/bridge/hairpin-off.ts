import type { Finding, LossPlace } from '../../src/model/finding.js';
import { deliveryLink } from '../../src/model/path-queries.js';
import type { BridgePort } from '../../src/model/state.js';
import type { Translation } from '../../src/netfilter/types.js';
import { type StepOf, stepsOf } from '../../src/routing/flow-walk-types.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { ownPort } from '../support/bridge-port.js';
import { inside } from '../support/commands.js';
import { isHostAddress, natTool } from '../support/nat.js';
import { listCommand, ruleCountedProof, ruleName } from '../support/proofs.js';

const CALL = 'net.bridge.bridge-nf-call-iptables';
const CALL_SIX = 'net.bridge.bridge-nf-call-ip6tables';

export const hairpinOff = defineCheck({
  meta: {
    id: 'hairpin-off',
    code: 'V2110',
    title: 'what a container sends to itself by a published address comes back to it',
    covers: ['br-hairpin-off', 'pub-hairpin-from-container', 'svc-hairpin-no-masq'],
    inbound: 'also',
    requires: ['host.bridgePorts', 'host.sysctls', 'host.addresses', 'target.sysctls'],
    references: ['man 8 bridge (hairpin)', 'https://docs.kernel.org/networking/ip-sysctl.html (accept_local)'],
  },
  page: {
    meaning:
      'A rule leads a published address or a service back to the container that asks, and the packet does not get through the turn.',
    path: 'eth0 -> bridge port -> PREROUTING: DNAT to the sender itself -> out by the same port: only with hairpin -> POSTROUTING: without MASQUERADE the container gets a packet from its own address, and drops it.',
    decided:
      'The walk meets a DNAT rule that leads to the sender itself. With bridge-nf-call-iptables the frame stays on the bridge, and "hairpin off" of its port stops it there; without a rule that translates the source, the packet is seen in the container and goes no further.',
    byHand: [
      'bridge -d link show dev VETH',
      'sysctl net.bridge.bridge-nf-call-iptables',
      'iptables -t nat -nvxL POSTROUTING',
      'nstat -az IpExtInNoRoutes, and the drop reason IP_LOCAL_SOURCE in the container',
    ],
    origins: [
      'userland-proxy: false, and a bridge or port that was made anew by something else',
      'a CNI bridge plugin without hairpinMode, a kubelet with --hairpin-mode=none',
      'rules of nat that were flushed and put back without those for the container itself',
    ],
    fixes: [
      'bridge link set dev VETH hairpin on: at once; lost when the container is made anew',
      'a MASQUERADE rule for what comes from the container and goes to it',
      'hairpinMode of the CNI plugin, or docker-proxy: for good',
    ],
    prevention: 'A program that asks itself uses localhost.',
    lab: 'pub-hairpin-from-container',
  },
  run(artifacts, context) {
    const turn = turnOf(context);
    if (turn === null) return notApplicable('no rule leads the packets back to their sender');
    const own = ownPort(context, artifacts['host.bridgePorts']);
    if (own === null) return notApplicable('the sender is on no bridge of this host');
    const call = context.flow.family === 6 ? CALL_SIX : CALL;
    const isBridged = artifacts['host.sysctls'][call] === '1';
    const isPublished = isHostAddress(artifacts['host.addresses'], context.flow.destination);
    const cause = isPublished ? 'pub-hairpin-from-container' : 'br-hairpin-off';
    const stopped = isBridged && !own.port.hairpin ? [{ ...hairpin(context, turn, own, call), cause }] : [];
    const unmasked = isUntranslated(context, turn) && !acceptsOwn(artifacts['target.sysctls'], context);
    const [first, ...more] = [...stopped, ...(unmasked ? [noMasquerade(context, turn, own.link)] : [])];
    return first ? fail(first, ...more) : pass('what is led back to its sender comes through');
  },
});

interface Turn {
  readonly step: StepOf<'hook'>;
  readonly translation: Translation;
  /** Address of the sender, to which the packet is led. */
  readonly address: string;
}

/** The rule that leads the request to the address that it comes from. */
const turnOf = ({ walk, flow }: CheckContext): Turn | null => {
  for (const step of stepsOf(walk, 'hook')) {
    const { walk: hook, packet } = step.detail;
    const translation = hook.translations.find(({ kind }) => kind === 'dnat');
    const isSelf = hook.packet.destination === packet.source && packet.source === flow.source;
    if (step.netns === 'host' && step.way === 'forward' && hook.hook === 'prerouting' && translation && isSelf)
      return { step, translation, address: packet.source };
  }
  return null;
};

/** Whether the packet leaves the host with the source that it came with; what is not certain is not said. */
const isUntranslated = ({ walk }: CheckContext, { step, address }: Turn): boolean => {
  const last = stepsOf(walk, 'hook').find(
    ({ netns, way, link, detail }) =>
      netns === 'host' && way === 'forward' && link === step.link && detail.walk.hook === 'postrouting',
  );
  return (
    last !== undefined &&
    last.detail.walk.unknowns.length === 0 &&
    (last.detail.walk.alternatives?.length ?? 0) === 0 &&
    last.detail.walk.packet.source === address
  );
};

/** @see https://docs.kernel.org/networking/ip-sysctl.html (accept_local: one of "all" and the device is enough) */
const acceptsOwn = (sysctls: Readonly<Record<string, string>>, { path }: CheckContext): boolean => {
  const device = path.hops.find(({ role }) => role === 'container')?.ifname ?? '';
  return ['all', device].some((name) => sysctls[`net.ipv4.conf.${name}.accept_local`] === '1');
};

const ruleProof = (context: CheckContext, { translation }: Turn): Finding['proof'] => [
  {
    kind: 'read',
    text: `${ruleName(translation.rule)} leads it back to its sender: ${translation.rule.text}`,
    command: listCommand(translation.rule),
  },
  ...ruleCountedProof(context, 'host', translation.rule),
];

const hairpin = (
  context: CheckContext,
  turn: Turn,
  { port, link }: { readonly port: BridgePort; readonly link: string },
  call: string,
): Omit<Finding, 'cause'> => ({
  title: `${port.ifname} does not send back what came in by it (hairpin off)`,
  place: { link, stage: 'bridge-forward', way: 'forward', netns: 'host', device: port.ifname },
  loses: lostOnBridge(turn, link),
  proof: [
    {
      kind: 'read',
      text: `${port.ifname}: hairpin off; ${call} = 1 keeps the frame on ${port.master}`,
      command: ['bridge', '-d', 'link', 'show', 'dev', port.ifname],
    },
    ...ruleProof(context, turn),
  ],
  remedies: [
    {
      kind: 'runtime',
      title: `let ${port.ifname} send back what came in by it`,
      netns: 'host',
      commands: [['bridge', 'link', 'set', 'dev', port.ifname, 'hairpin', 'on']],
      undo: [['bridge', 'link', 'set', 'dev', port.ifname, 'hairpin', 'off']],
      risk: 'low',
      riskText: 'broadcasts of the container come back to it; lost when its port is made anew',
    },
  ],
  notes: ['other containers of the bridge reach the same address'],
});

/**
 * The frame is seen on the bridge itself where its neighbour entry is not fresh: then the bridge sends it as its own.
 * @see br_nf_pre_routing_finish_bridge in net/bridge/br_netfilter_hooks.c
 */
const lostOnBridge = ({ step }: Turn, segment: string): readonly [LossPlace, ...LossPlace[]] => [
  { link: segment, way: 'forward' },
  { link: step.link, way: 'forward' },
];

const noMasquerade = (context: CheckContext, turn: Turn, segment: string): Finding => {
  const { family, protocol } = context.flow;
  const packet = turn.step.detail.walk.packet;
  const port = packet.destinationPort === null ? [] : ['-p', protocol, '--dport', `${packet.destinationPort}`];
  const rule = ['-s', turn.address, '-d', turn.address, ...port, '-j', 'MASQUERADE'];
  const tool = natTool(context, 'host');
  const delivery = context.inbound ? deliveryLink(context.path) : null;
  return {
    cause: 'svc-hairpin-no-masq',
    title: `${context.target.name} gets its own packets back from its own address: no MASQUERADE`,
    place: {
      link: turn.step.link,
      stage: 'postrouting',
      way: 'forward',
      netns: 'host',
      object: `table ${family === 6 ? 'ip6' : 'ip'} nat chain POSTROUTING`,
    },
    loses: delivery ? [{ link: delivery.id, way: 'forward' }] : lostOnBridge(turn, segment),
    proof: [
      {
        kind: 'read',
        text: `no rule translates the source of what ${turn.address} sends to itself: the container drops it as a martian`,
        command: [tool, '-t', 'nat', '-nvxL', 'POSTROUTING'],
      },
      ...ruleProof(context, turn),
      ...seenAgain(context, turn),
    ],
    remedies: [
      {
        kind: 'runtime',
        title: 'translate the source of what the container sends to itself',
        netns: 'host',
        commands: [[tool, '-t', 'nat', '-A', 'POSTROUTING', ...rule]],
        undo: [[tool, '-t', 'nat', '-D', 'POSTROUTING', ...rule]],
        risk: 'low',
        riskText: 'only this traffic is translated; lost at the next reload of the rules',
      },
    ],
    notes: ['the program sees a router address of the host as its client'],
  };
};

/** The packet as it came back to the container. */
const seenAgain = (context: CheckContext, { address }: Turn): Finding['proof'] | readonly [] => {
  const device = context.path.hops.find(({ role }) => role === 'container');
  const own = context.sightings.filter(
    ({ hop, kind, packet }) =>
      hop === device?.id && kind === 'request' && packet.ip?.source === address && packet.ip.destination === address,
  );
  return own.length === 0
    ? []
    : [
        {
          kind: 'seen',
          text: `${device?.ifname} sees packets from ${address} to ${address}`,
          command: inside(context.netns('target'), ['tcpdump', '-p', '-ni', device?.ifname ?? 'any', 'src', address]),
        },
      ];
};
