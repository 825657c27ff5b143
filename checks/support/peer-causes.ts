import type { Finding, Proof, Remedy } from '../../src/model/finding.js';
import { hopOf, wireLink } from '../../src/model/path-queries.js';
import type { LinkState } from '../../src/model/state.js';
import type { RuleRef } from '../../src/netfilter/types.js';
import type { WalkStep } from '../../src/routing/flow-walk-types.js';
import type { PacketWalk } from '../../src/routing/walk-packet.js';
import type { CheckContext } from '../define-check.js';
import { inside } from './commands.js';
import { type PeerLoss, peerSeen } from './peer.js';
import { countedProof, listCommand, ruleCountedProof, ruleName } from './proofs.js';
import { tunnelOf } from './tunnel.js';

type Cause = Pick<Finding, 'cause' | 'title'> & {
  readonly more: readonly Proof[];
  readonly remedy: string;
  readonly netns?: 'host' | 'peer';
};

/** Why the other end's host never gets the packets, loses them, or its answers never come back; `null` where it is not the other end. */
export const peerFinding = (links: readonly LinkState[], context: CheckContext, loss: PeerLoss): Finding | null => {
  const wire = wireLink(context.path);
  const cause = wire && causeOf(links, context, loss);
  if (!wire || !cause) return null;
  const netns = cause.netns ?? 'peer';
  const other = loss.way === 'forward' ? ('return' as const) : ('forward' as const);
  const remedy: Remedy = {
    kind: 'instruction',
    title: cause.remedy,
    netns,
    commands: [],
    undo: [],
    risk: 'low',
    riskText: 'nothing is changed here',
  };
  return {
    cause: cause.cause,
    title: cause.title,
    place: { link: wire.id, stage: 'outside', way: loss.way, netns },
    loses: [
      { link: wire.id, way: loss.way },
      { link: wire.id, way: other },
    ],
    proof: [...peerSeen(context, loss), ...cause.more],
    remedies: [remedy],
  };
};

const causeOf = (links: readonly LinkState[], context: CheckContext, loss: PeerLoss): Cause | null => {
  if (loss.last === null) return notThere(links, context, loss);
  if (loss.missing === null) return betweenHosts(context, loss);
  if (loss.way === 'return') return answerLost(context, loss);
  if (loss.last.role === 'uplink' && loss.peer.tunnel !== null) return unwrapped(links, context, loss);
  return forwarded(context, loss);
};

const nameOf = (context: CheckContext): string => context.netns('peer').name;

/** The packets leave this host, and the other one sees none of them. */
const notThere = (links: readonly LinkState[], context: CheckContext, loss: PeerLoss): Cause | null => {
  const name = nameOf(context);
  const tunnel = tunnelOf(links, context);
  if (tunnel === null) return betweenHosts(context, loss);
  if (tunnel.remote === null) return null;
  if (loss.peer.addresses.includes(tunnel.remote)) return betweenHosts(context, loss);
  const right = loss.peer.tunnel?.data['local'];
  if (tunnel.mac === null || loss.peer.tunnel === null) return null;
  return {
    cause: 'ovl-fdb-wrong-vtep',
    title: `${tunnel.link.ifname} sends to ${tunnel.remote}, and ${name} has ${right}`,
    netns: 'host',
    more: [
      {
        kind: 'read',
        text: `${tunnel.mac} dev ${tunnel.link.ifname} dst ${tunnel.remote}`,
        command: ['bridge', 'fdb', 'show', 'dev', tunnel.link.ifname],
      },
      {
        kind: 'read',
        text: `${name} has the MAC ${tunnel.mac} on ${loss.peer.tunnel.ifname}, local ${right}, and no address ${tunnel.remote}`,
        command: inside(context.netns('peer'), ['ip', '-d', 'link', 'show', loss.peer.tunnel.ifname]),
      },
    ],
    remedy: `restart the agent that writes the entries of ${tunnel.link.ifname}, or: bridge fdb replace ${tunnel.mac} dev ${tunnel.link.ifname} dst ${right}`,
  };
};

/** What leaves one host does not come to the other. */
const betweenHosts = (context: CheckContext, { way, peer }: PeerLoss): Cause => {
  const name = nameOf(context);
  const from = way === 'forward' ? 'this host' : name;
  const to = way === 'forward' ? name : 'this host';
  const port = hopOf(context.path, 'uplink')?.inside?.port;
  return peer.remote === null || port === undefined
    ? {
        cause: 'ovl-hostgw-upstream-no-route',
        title: `what leaves ${from} for ${to} is lost between the two`,
        more: [],
        remedy: `give every router between the hosts a route to the containers of ${to}, or join the hosts by a tunnel`,
      }
    : {
        cause: 'ovl-udp-blocked-underlay',
        title: `UDP ${port} from ${from} to ${to} is lost between the two`,
        more: [],
        remedy: `let UDP ${port} pass between the hosts, both ways`,
      };
};

/** The tunnel's packets come to the other host, and nothing comes out of the tunnel there. */
const unwrapped = (links: readonly LinkState[], context: CheckContext, { peer }: PeerLoss): Cause => {
  const name = nameOf(context);
  const port = hopOf(context.path, 'uplink')?.inside?.port ?? 0;
  const dropped = peer.walk?.outer && dropOf(peer.walk.outer);
  const rule = ruleOf(dropped);
  if (rule)
    return {
      cause: 'ovl-udp-port-blocked',
      title: `${name} drops UDP ${port}: ${ruleName(rule)}`,
      more: ruleProofs(context, rule),
      remedy: `let UDP ${port} from the other hosts into ${name}`,
    };
  const checksums = context.delta('peer', 'Udp.InCsumErrors') ?? 0;
  if (checksums >= Math.max(context.located.lost, 1))
    return {
      cause: 'ovl-bad-udp-checksum',
      title: `${name} gets the tunnel's packets with a wrong UDP checksum`,
      more: countedProof(context, 'peer', 'Udp.InCsumErrors'),
      remedy: `ethtool -K ${tunnelOf(links, context)?.link.ifname ?? 'TUNNEL'} tx-checksum-ip-generic off on both hosts, and look for rules that change these packets`,
    };
  const [near, far] = [tunnelOf(links, context)?.link, peer.tunnel];
  if (near && far && (near.data['id'] !== far.data['id'] || near.data['port'] !== far.data['port']))
    return {
      cause: 'ovl-vni-mismatch',
      title: `${near.ifname} has VNI ${near.data['id']}, port ${near.data['port']}; on ${name} VNI ${far.data['id']}, port ${far.data['port']}`,
      more: [
        {
          kind: 'read',
          text: `${near.ifname} here: vxlan id ${near.data['id']} dstport ${near.data['port']}`,
          command: ['ip', '-d', 'link', 'show', near.ifname],
        },
        {
          kind: 'read',
          text: `${far.ifname} of ${name}: vxlan id ${far.data['id']} dstport ${far.data['port']}`,
          command: inside(context.netns('peer'), ['ip', '-d', 'link', 'show', far.ifname]),
        },
      ],
      remedy: 'give both agents the same network configuration, and restart them',
    };
  return unknownThere(context, `${name} gets the tunnel's packets, and none comes out of ${far?.ifname ?? 'it'}`);
};

/** The request is on the other host and does not come to the device towards the container. */
const forwarded = (context: CheckContext, { peer, last }: PeerLoss): Cause => {
  const name = nameOf(context);
  const step = peer.walk && dropOf(peer.walk.request);
  if (step?.detail.kind === 'reverse-path' && peer.tunnel !== null) {
    const { effective, expectedDevice } = step.detail.answer;
    return {
      cause: 'ovl-rp-filter',
      title: `rp_filter=${effective} of ${name} drops ${context.walk.atUplink?.source} on ${step.device}`,
      more: [
        {
          kind: 'read',
          text: `rp_filter of ${name}: all=${step.detail.answer.settings.all}, ${step.device}=${step.detail.answer.settings.device}`,
          command: inside(context.netns('peer'), [
            'sysctl',
            'net.ipv4.conf.all.rp_filter',
            `net.ipv4.conf.${step.device}.rp_filter`,
          ]),
        },
        {
          kind: 'read',
          text: `its route to that source leads to ${expectedDevice ?? 'no device'}`,
          command: inside(context.netns('peer'), ['ip', 'route', 'get', context.walk.atUplink?.source ?? '']),
        },
        ...countedProof(context, 'peer', 'TcpExt.IPReversePathFilter'),
      ],
      remedy: `on ${name}: delete the route that leads elsewhere, or sysctl -w net.ipv4.conf.all.rp_filter=2`,
    };
  }
  const rule = ruleOf(step);
  if (rule)
    return {
      cause: 'ovl-remote-forward-drop',
      title: `${name} drops what it should forward: ${ruleName(rule)}`,
      more: ruleProofs(context, rule),
      remedy: `on ${name}: accept what is forwarded from and to the networks of the containers`,
    };
  return unknownThere(context, `the requests go no further than ${last?.ifname} on ${name}`);
};

/** The answer is on the other host, and does not go back by the tunnel. */
const answerLost = (context: CheckContext, loss: PeerLoss): Cause => {
  const name = nameOf(context);
  const { peer, last, missing } = loss;
  if (last?.ifname === missing?.ifname)
    return unknownThere(context, `${name} sends the requests on by ${last?.ifname}, and none is answered`);
  const reply = peer.walk?.reply;
  const rule = ruleOf(reply && dropOf(reply));
  const back = reply?.route;
  if (back && (back.outcome !== 'unicast' || back.dev !== missing?.ifname) && missing?.role !== 'uplink')
    return {
      cause: 'ovl-remote-route-missing',
      title: `${name} has no route back to ${context.walk.atUplink?.source} by ${missing?.ifname}`,
      more: [
        {
          kind: 'read',
          text: back.route ? `its route back: ${back.route.text}` : 'it has no route back at all',
          command: inside(context.netns('peer'), ['ip', 'route', 'get', context.walk.atUplink?.source ?? '']),
        },
      ],
      remedy: `restart the agent of ${name} that writes its routes`,
    };
  if (rule)
    return {
      cause: 'ovl-remote-forward-drop',
      title: `${name} drops the answers that it should forward: ${ruleName(rule)}`,
      more: ruleProofs(context, rule),
      remedy: `on ${name}: accept what is forwarded from and to the networks of the containers`,
    };
  return unknownThere(context, `${name} has the answers on ${last?.ifname}, and sends none by ${missing?.ifname}`);
};

const unknownThere = (context: CheckContext, title: string): Cause => ({
  cause: 'ovl-remote-host',
  title,
  more: [],
  remedy: `look on ${nameOf(context)} itself: vethoscope trace from its container towards this one`,
});

const dropOf = ({ steps }: PacketWalk): WalkStep | undefined =>
  steps.find(({ outcome }) => outcome === 'drop' || outcome === 'reject');

const ruleOf = (step: WalkStep | null | undefined): RuleRef | undefined =>
  step?.detail.kind === 'hook' ? step.detail.walk.drops[0] : undefined;

const ruleProofs = (context: CheckContext, rule: RuleRef): readonly Proof[] => [
  {
    kind: 'read',
    text: `${ruleName(rule)}: ${rule.text}`,
    command: inside(context.netns('peer'), listCommand(rule)),
  },
  ...ruleCountedProof(context, 'peer', rule),
];
