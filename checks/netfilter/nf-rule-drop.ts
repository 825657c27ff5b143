import type { ContainerNetwork } from '../../src/model/container-network.js';
import type { Finding, Proof, Remedy } from '../../src/model/finding.js';
import { type ChainRef, findChains, isReachable } from '../../src/netfilter/rules.js';
import type { RuleRef } from '../../src/netfilter/types.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { acceptRemedy, bothWays } from '../support/accept.js';
import { inside } from '../support/commands.js';
import {
  isBridged,
  isIptablesForward,
  isPolicy,
  isReject,
  meetsHostRules,
  type PredictedDrop,
  predictedDrops,
} from '../support/hooks.js';
import { linksUpTo } from '../support/links-up-to.js';
import { managerOf, ownersWay } from '../support/owners-way.js';
import { listCommand, ruleCountedProof, ruleName, ruleObject, ruleTitle } from '../support/proofs.js';

export const nfRuleDrop = defineCheck({
  meta: {
    id: 'nf-rule-drop',
    code: 'V4003',
    title: 'no firewall rule drops the packets',
    covers: [
      'nf-rule-drop',
      'nf-docker-user-drop',
      'nf-docker-isolation',
      'nf-nft-forward-drop',
      'nf-icc-false',
      'nf-raw-drop-direct',
      'nf-ipset-block',
      'nf-netpol-default-deny',
      'nf-physdev-antispoof',
      'nf-input-drop-from-bridge',
      'dns-host-resolver-blocked',
      'svc-etp-local-drop',
      'pub-isolation-other-bridge',
      'nf-output-drop-to-bridge',
      'br-nf-call-forward-drop',
      'nf-invalid-drop-asym',
    ],
    inbound: 'also',
    requires: ['host.links'],
    references: ['man 8 iptables', 'man 8 nft', 'https://wiki.nftables.org/wiki-nftables/index.php/Netfilter_hooks'],
  },
  page: {
    meaning: 'A firewall rule on the host drops the packet, or the reply.',
    path: 'Every base chain of every table at a hook is passed in order of priority. An accept ends one base chain only; a drop in any of them is final.',
    decided:
      'The walk over iptables (both back-ends) and nftables names the rule; its counter moves by our packets where it has one; the captures stop at that hook.',
    byHand: ['iptables -nvxL --line-numbers', 'iptables-legacy-save -c', 'nft -a list ruleset'],
    origins: [
      'DOCKER-USER rules without an exception for established connections, so that replies are dropped',
      'the isolation between two Docker networks, by design',
      'a second ruleset (firewalld, an own nftables table) with policy drop, although iptables accepts',
      'fail2ban, crowdsec, a CNI network policy',
    ],
    fixes: [
      'an accept before the rule, in the chain that is meant for it (DOCKER-USER, the firewalld zone, ufw route allow)',
      'docker network connect: for containers of two isolated networks',
    ],
    prevention: 'One owner for the rules of a host; DOCKER-USER begins with RELATED,ESTABLISHED -j RETURN.',
    lab: 'nf-docker-user-drop',
  },
  run(_artifacts, context) {
    if (!meetsHostRules(context)) return notApplicable('no rule of the host is on this path');
    const [first, ...more] = predictedDrops(context, 'outside-container')
      .filter((drop) => isRuleDrop(context, drop))
      .map((drop) => finding(context, drop));
    return first ? fail(first, ...more) : pass('no firewall rule drops the packets');
  },
});

/** Rules that drop, and policies other than those of iptables FORWARD for routed packets, which have checks of their own. */
const isRuleDrop = (context: CheckContext, { rule, step, hook }: PredictedDrop): boolean => {
  if (isReject(rule)) return false;
  if (!isPolicy(rule)) return true;
  return hook !== 'forward' || isBridged(context) || (!isIptablesForward(rule) && step.way === 'forward');
};

/** Chains of what enforces the network policies of Kubernetes. */
const POLICY_CHAIN = /^(?:cali-|KUBE-(?:NWPLCY|POD-FW)-|WEAVE-NPC|AZURE-NPM)/;

/** A rule between the containers of one bridge, as Docker makes it for icc=false. */
const keepsApart = ({ rule, step }: PredictedDrop): boolean => {
  const bridge = step.detail.packet.iif;
  const names = (option: string) =>
    rule.text.includes(`${option} ${bridge} `) || rule.text.includes(`${option} "${bridge}" `);
  return (names('-i') && names('-o')) || (names('iifname') && names('oifname'));
};

/** Rules that Docker 28 and later make against traffic that reaches containers from outside without a published port. */
const isDirectAccessRule = ({ rule, step, hook }: PredictedDrop): boolean =>
  hook === 'prerouting' &&
  ((rule.table === 'raw' && /-d \S+ ! -i \S+/.test(rule.text)) || rule.comment === 'DROP DIRECT ACCESS') &&
  step.detail.packet.iif !== null;

/** Whether the rule, or the jump to its chain, asks for the bridge port that the packet came in by. */
const asksPort = ({ rule, step }: PredictedDrop): boolean =>
  [rule, ...step.detail.walk.met.filter(({ target }) => target === rule.chain)].some(({ text }) =>
    text.includes('--physdev-in'),
  );

/**
 * A rule against invalid packets that drops the answer to the first packet of a connection: conntrack never saw that packet.
 * @see tcp_new in net/netfilter/nf_conntrack_proto_tcp.c
 */
const isUnseenReply = ({ probe }: CheckContext, { rule, step }: PredictedDrop): boolean =>
  step.way === 'return' &&
  step.detail.packet.connection === 'invalid' &&
  /\binvalid\b/i.test(rule.text) &&
  probe?.isOwnTraffic !== true;

const causeOf = (context: CheckContext, drop: PredictedDrop): string => {
  const { rule, step, hook } = drop;
  if (isUnseenReply(context, drop)) return 'nf-invalid-drop-asym';
  if (rule.comment?.endsWith('has no local endpoints')) return 'svc-etp-local-drop';
  if (POLICY_CHAIN.test(rule.chain)) return 'nf-netpol-default-deny';
  if (isPolicy(rule)) {
    if (isBridged(context)) return 'br-nf-call-forward-drop';
  } else if (isDirectAccessRule(drop)) return 'nf-raw-drop-direct';
  else if (asksPort(drop)) return 'nf-physdev-antispoof';
  else if (isBridged(context)) return keepsApart(drop) ? 'nf-icc-false' : 'br-nf-call-forward-drop';
  else if (/--match-set /.test(rule.text)) return 'nf-ipset-block';
  if (rule.chain.startsWith('DOCKER-ISOLATION'))
    return context.inbound ? 'pub-isolation-other-bridge' : 'nf-docker-isolation';
  if (rule.chain === 'DOCKER-USER') return 'nf-docker-user-drop';
  if (hook === 'forward' && rule.backend === 'nftables' && isPolicy(rule)) return 'nf-nft-forward-drop';
  if (hook === 'input' && step.way === 'forward')
    return context.flow.dns ? 'dns-host-resolver-blocked' : 'nf-input-drop-from-bridge';
  if (hook === 'output' && step.way === 'return') return 'nf-output-drop-to-bridge';
  return 'nf-rule-drop';
};

/** The container's network whose bridge the packet comes in or goes out by. */
const networkAt = (context: CheckContext, { step }: PredictedDrop): ContainerNetwork | null => {
  const { iif, oif } = step.detail.packet;
  return context.networks.find(({ bridge }) => bridge !== null && (bridge === iif || bridge === oif)) ?? null;
};

/** Two networks of Docker are kept apart, the published ports of one included. */
const ISOLATED: ReadonlySet<string> = new Set(['nf-docker-isolation', 'pub-isolation-other-bridge']);

const titleOf = ({ step, rule }: PredictedDrop, cause: string, network: ContainerNetwork | null): string => {
  const what = step.way === 'forward' ? 'request' : 'reply';
  if (cause === 'nf-docker-isolation' && network?.internal)
    return `network ${network.name} is internal, without a way out: ${ruleTitle(rule)} drops the ${what}`;
  if (ISOLATED.has(cause))
    return `Docker isolates ${step.detail.packet.iif} from ${step.detail.packet.oif}: ${ruleTitle(rule)}`;
  if (cause === 'nf-icc-false' && network && !network.icc)
    return `network ${network.name} keeps its containers apart (icc=false): ${ruleTitle(rule)} drops the ${what}`;
  if (cause === 'nf-invalid-drop-asym') return `${ruleTitle(rule)} drops the reply: conntrack saw no request for it`;
  return `${ruleTitle(rule)} drops the ${what}`;
};

/** What the runtime was told about the network, where that is why the rule is there. */
const configuredProof = (cause: string, network: ContainerNetwork | null): readonly Proof[] => {
  if (network === null) return [];
  const command = [network.runtime, 'network', 'inspect', network.name];
  if (cause === 'nf-docker-isolation' && network.internal)
    return [{ kind: 'read', text: `network ${network.name} was made with --internal`, command }];
  return cause === 'nf-icc-false' && !network.icc
    ? [{ kind: 'read', text: `network ${network.name}: enable_icc = false`, command }]
    : [];
};

/** An internal network is meant so: the container gets a second one. */
const leaveInternal = ({ target }: CheckContext, { runtime }: ContainerNetwork): Remedy => {
  const outside = runtime === 'docker' ? 'bridge' : 'podman';
  return {
    kind: 'runtime',
    title: `give the container a second network that leads out: the network ${outside}, or one of your own`,
    netns: 'host',
    commands: [[runtime, 'network', 'connect', outside, target.name]],
    undo: [[runtime, 'network', 'disconnect', outside, target.name]],
    risk: 'medium',
    riskText: 'the network is internal on purpose: this container then reaches the outside',
  };
};

/** Whether a new destination sends the packet back into the bridge that it came by: br_netfilter then asks FORWARD at the port. */
const isTurnedBack = ({ step, hook }: PredictedDrop): boolean =>
  hook === 'forward' && step.detail.packet.iif === step.detail.packet.oif;

const finding = (context: CheckContext, drop: PredictedDrop): Finding => {
  const { step, rule, hook } = drop;
  const cause = causeOf(context, drop);
  const policy = isPolicy(rule);
  const network = networkAt(context, drop);
  // What is lost within the bridge, or by a rule of the user's, is not lost for want of a way out.
  const leadsOut = !isBridged(context) && cause !== 'nf-docker-user-drop';
  return {
    cause,
    title: titleOf(drop, cause, network),
    place: {
      link: step.link,
      stage: hook,
      way: step.way,
      netns: step.netns,
      object: ruleObject(rule),
    },
    loses: isTurnedBack(drop) ? linksUpTo(context, step.link, step.way) : [{ link: step.link, way: step.way }],
    proof: [
      {
        kind: 'read',
        text: `${rule.backend === 'nftables' ? 'nftables' : `iptables (${rule.backend})`} ${ruleName(rule)}: ${rule.text}`,
        command: inside(context.netns(step.netns), listCommand(rule)),
      },
      ...configuredProof(cause, network),
      ...ruleCountedProof(context, step.netns, rule),
    ],
    remedies:
      leadsOut && network?.internal
        ? [leaveInternal(context, network)]
        : ISOLATED.has(cause)
          ? [
              {
                kind: 'instruction',
                title:
                  'connect one of the containers to the network of the other: docker network connect NET CONTAINER',
                netns: 'host',
                commands: [],
                undo: [],
                risk: 'low',
                riskText: 'the container gets a second interface; the isolation of the networks stays',
              },
              acceptRemedy(
                context,
                step.netns,
                ownersChain(context, drop),
                bothWays(step.detail.packet),
                'or accept this traffic between the two networks, in the chain that Docker leaves to its users',
              ),
            ]
          : [
              ...ownersWay(managerOf(context, step.netns, rule), step.detail.packet),
              acceptRemedy(
                context,
                step.netns,
                rule,
                // What the host itself answers does not come by the chain that takes packets in.
                policy && hook === 'forward' ? bothWays(step.detail.packet) : [step.detail.packet],
                `accept this traffic before ${policy ? 'the policy' : 'that rule'}`,
              ),
            ],
    notes:
      policy && rule.backend === 'nftables'
        ? ['an accept in iptables does not end this: every base chain at the hook must accept']
        : cause === 'nf-invalid-drop-asym'
          ? ['the request is exempt from conntrack (NOTRACK), or it leaves by another way']
          : [],
  };
};

/** Where rules of one's own belong that are to be met before Docker's: its chains are made anew at any time. */
const ownersChain = (context: CheckContext, { step, rule }: PredictedDrop): RuleRef => {
  const state = context.netfilter(step.netns);
  const isUsers = (chain: ChainRef) =>
    chain.chain === 'DOCKER-USER' && chain.backend === rule.backend && chain.family === rule.family;
  const users = state === null ? [] : findChains(state, isUsers).filter((chain) => isReachable(state, chain));
  return { ...rule, chain: users.length > 0 ? 'DOCKER-USER' : 'FORWARD' };
};
