import type { Finding } from '../../src/model/finding.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { acceptRemedy } from '../support/accept.js';
import { inside } from '../support/commands.js';
import { isPolicy, isReject, type PredictedDrop, predictedDrops } from '../support/hooks.js';
import { listCommand, ruleCountedProof, ruleName } from '../support/proofs.js';

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
      'nf-input-drop-from-bridge',
      'nf-output-drop-to-bridge',
      'br-nf-call-forward-drop',
    ],
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
    if (context.path.routers.length === 0 && context.flow.kind !== 'lateral')
      return notApplicable('the host routes nothing on this path');
    const [first, ...more] = predictedDrops(context, 'outside-container')
      .filter((drop) => isRuleDrop(drop))
      .map((drop) => finding(context, drop));
    return first ? fail(first, ...more) : pass('no rule drops the request or the reply');
  },
});

/** Rules that drop, and policies other than those of iptables FORWARD, which have checks of their own. */
const isRuleDrop = ({ rule, step, hook }: PredictedDrop): boolean => {
  if (isReject(rule)) return false;
  if (!isPolicy(rule)) return true;
  return hook !== 'forward' || (rule.backend === 'nftables' && step.way === 'forward');
};

const causeOf = (context: CheckContext, { rule, step, hook }: PredictedDrop): string => {
  if (context.flow.kind === 'lateral' && context.path.routers.length === 0) return 'br-nf-call-forward-drop';
  if (rule.chain.startsWith('DOCKER-ISOLATION')) return 'nf-docker-isolation';
  if (rule.chain === 'DOCKER-USER') return 'nf-docker-user-drop';
  if (hook === 'forward' && rule.backend === 'nftables' && isPolicy(rule)) return 'nf-nft-forward-drop';
  if (hook === 'input' && step.way === 'forward') return 'nf-input-drop-from-bridge';
  if (hook === 'output' && step.way === 'return') return 'nf-output-drop-to-bridge';
  return 'nf-rule-drop';
};

const finding = (context: CheckContext, drop: PredictedDrop): Finding => {
  const { step, rule, hook } = drop;
  const cause = causeOf(context, drop);
  const what = step.way === 'forward' ? 'request' : 'reply';
  const policy = isPolicy(rule);
  return {
    cause,
    title: `${ruleName(rule)} drops the ${what}`,
    place: {
      link: step.link,
      stage: hook,
      way: step.way,
      netns: step.netns,
      object: `table ${rule.family} ${rule.table} chain ${rule.chain} ${policy ? 'policy' : `rule ${rule.index}`}`,
    },
    loses: [{ link: step.link, way: step.way }],
    proof: [
      {
        kind: 'read',
        text: `${rule.backend === 'nftables' ? 'nftables' : `iptables (${rule.backend})`} ${ruleName(rule)}: ${rule.text}`,
        command: inside(context.netns(step.netns), listCommand(rule)),
      },
      ...ruleCountedProof(context, step.netns, rule),
    ],
    remedies:
      cause === 'nf-docker-isolation'
        ? [
            {
              kind: 'instruction',
              title: 'connect one of the containers to the network of the other: docker network connect NET CONTAINER',
              netns: 'host',
              commands: [],
              undo: [],
              risk: 'low',
              riskText: 'the container gets a second interface; the isolation of the networks stays',
            },
            acceptRemedy(context, step.netns, rule, bothWays(drop), 'or accept this traffic between the two networks'),
          ]
        : [
            acceptRemedy(
              context,
              step.netns,
              rule,
              policy ? bothWays(drop) : [step.detail.packet],
              `accept this traffic before ${policy ? 'the policy' : 'that rule'}`,
            ),
          ],
    notes:
      policy && rule.backend === 'nftables'
        ? ['an accept in iptables does not end this: every base chain at the hook must accept']
        : [],
  };
};

const bothWays = ({ step }: PredictedDrop) => {
  const { packet } = step.detail;
  const back = {
    ...packet,
    iif: packet.oif,
    oif: packet.iif,
    source: packet.destination,
    destination: packet.source,
    connectionDirection: 'reply' as const,
  };
  return packet.connectionDirection === 'reply' ? [packet] : [packet, back];
};
