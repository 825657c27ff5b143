import type { Finding, Remedy } from '../../src/model/finding.js';
import { hopOf } from '../../src/model/path-queries.js';
import { chainRules, findChains } from '../../src/netfilter/rules.js';
import type { RuleRef, Translation } from '../../src/netfilter/types.js';
import { type StepOf, stepsOf } from '../../src/routing/flow-walk-types.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { acceptRemedy } from '../support/accept.js';
import { inside } from '../support/commands.js';
import { linksUpTo } from '../support/links-up-to.js';
import { listCommand, ruleCountedProof, ruleName, ruleObject, ruleTitle } from '../support/proofs.js';
import { isUnresolved } from '../support/unresolved.js';

interface Hijack {
  readonly step: StepOf<'hook'>;
  readonly translation: Translation;
}

export const nfRedirectHijack = defineCheck({
  meta: {
    id: 'nf-redirect-hijack',
    code: 'V5003',
    title: 'no rule sends the packets to another destination that is dead',
    covers: [
      'nf-redirect-hijack',
      'nf-dnat-hijack-outbound',
      'nf-stale-legacy-rules',
      'ctr-istio-redirect-no-proxy',
      'svc-stale-endpoint',
      'svc-one-endpoint-dead',
    ],
    requires: ['host.links'],
    references: ['man 8 iptables-extensions (DNAT, REDIRECT)'],
  },
  page: {
    meaning: 'A DNAT or REDIRECT rule gives the packet another destination on its way out, and nobody is there.',
    path: 'bridge -> PREROUTING: DNAT -> route look-up for the new address -> ARP for it, no answer. In the container: OUTPUT: REDIRECT -> its own loopback.',
    decided:
      'The walk meets the rule, its counter moves, and the new destination answers no ARP (DNAT), or the connection ends in the container itself (REDIRECT).',
    byHand: [
      'iptables -t nat -nvxL PREROUTING',
      'iptables-legacy-save -t nat',
      'nsenter -t PID -n iptables -t nat -nvxL OUTPUT',
      'conntrack -L -s CONTAINER-ADDRESS',
    ],
    origins: [
      'a published port without -i or -d, which takes outgoing connections to that port too',
      'rules left in iptables-legacy after a change of the back-end',
      'a service mesh that redirects to a sidecar which does not run yet',
    ],
    fixes: [
      'narrow the rule: -i UPLINK, -d HOST-ADDRESS or -m addrtype --dst-type LOCAL',
      'delete it where its container is gone',
      'start the proxy (holdApplicationUntilProxyStarts)',
    ],
    prevention: 'Publish ports by the tool that runs the containers.',
    lab: 'nf-dnat-hijack-outbound',
  },
  run(_artifacts, context) {
    if (context.flow.kind !== 'egress') return notApplicable('the flow does not go outside');
    const found = stepsOf(context.walk, 'hook').flatMap((step): readonly Hijack[] => {
      const translation =
        step.way === 'forward' ? step.detail.walk.translations.find(({ kind }) => kind === 'dnat') : undefined;
      return translation ? [{ step, translation }] : [];
    });
    const [first, ...more] = found
      .filter((hijack) => isDead(context, hijack))
      .map((hijack) => finding(context, hijack));
    if (first) return fail(first, ...more);
    return pass(found.length === 0 ? 'no rule changes the destination' : 'the new destination is there');
  },
});

const newDestination = ({ step }: Hijack): string => step.detail.walk.packet.destination;

const isInContainer = ({ step }: Hijack): boolean => step.netns === 'target';

/** Whether the new destination is known to be dead: unanswered ARP on the host, or a reset of the container's own kernel. */
const isDead = (context: CheckContext, hijack: Hijack): boolean => {
  const address = newDestination(hijack);
  if (isInContainer(hijack)) {
    const left = context.located.counts.some(
      ({ hop, forward }) => hop === hopOf(context.path, 'container')?.id && forward > 0,
    );
    const refused = context.probe?.answers.some(({ outcome }) => outcome === 'refused') ?? false;
    return refused && !left && (address === context.flow.source || address.startsWith('127.'));
  }
  const route = stepsOf(context.walk, 'route').find(
    ({ link, way, netns }) => link === hijack.step.link && way === 'forward' && netns === hijack.step.netns,
  );
  const { dev = null, gateway = null } = route?.detail.answer ?? {};
  return dev !== null && isUnresolved(context.neighbour(hijack.step.netns, dev, gateway ?? address));
};

/** The rule of kube-proxy that leads to one pod of a service. */
const isEndpoint = ({ chain }: RuleRef): boolean => chain.startsWith('KUBE-SEP-');

/** Whether the service's own chain leads to other pods as well. */
const isOneOfSeveral = (context: CheckContext, { step, translation: { rule } }: Hijack): boolean => {
  const state = context.netfilter(step.netns);
  const services = state ? findChains(state, ({ chain }) => chain.startsWith('KUBE-SVC-')) : [];
  return services.some((chain) => {
    const targets = state ? chainRules(state, chain).map(({ target }) => target) : [];
    return targets.includes(rule.chain) && targets.some((other) => other !== rule.chain && /^KUBE-SEP-/.test(other));
  });
};

const causeOf = (context: CheckContext, hijack: Hijack): string => {
  if (isInContainer(hijack)) return 'ctr-istio-redirect-no-proxy';
  const { rule } = hijack.translation;
  if (isEndpoint(rule)) return isOneOfSeveral(context, hijack) ? 'svc-one-endpoint-dead' : 'svc-stale-endpoint';
  const named = new RegExp(`(?:-d |daddr )${context.flow.destination.replaceAll('.', '\\.')}\\b`).test(rule.text);
  if (rule.backend === 'legacy' && named) return 'nf-stale-legacy-rules';
  return named ? 'nf-redirect-hijack' : 'nf-dnat-hijack-outbound';
};

const livingPod = (address: string): Remedy => ({
  kind: 'instruction',
  title: `restart kube-proxy where the pod ${address} is gone; else mend the pod, and give it a readiness probe`,
  netns: 'host',
  commands: [],
  undo: [],
  risk: 'low',
  riskText: 'nothing is changed here',
});

const finding = (context: CheckContext, hijack: Hijack): Finding => {
  const { step, translation } = hijack;
  const { rule } = translation;
  const netns = context.netns(step.netns);
  const { packet } = step.detail.walk;
  const there =
    packet.destinationPort === null ? packet.destination : `${packet.destination}:${packet.destinationPort}`;
  return {
    cause: causeOf(context, hijack),
    title: isEndpoint(rule)
      ? `the service's endpoint ${there} is dead`
      : `${ruleTitle(rule)} sends it to ${there}: nobody there`,
    place: {
      link: step.link,
      stage: step.detail.walk.hook,
      way: 'forward',
      netns: step.netns,
      object: ruleObject(rule),
    },
    loses: linksUpTo(context, step.link, 'forward'),
    proof: [
      { kind: 'read', text: `${ruleName(rule)}: ${rule.text}`, command: inside(netns, listCommand(rule)) },
      ...ruleCountedProof(context, step.netns, rule),
      isInContainer(hijack)
        ? { kind: 'seen', text: 'no packet leaves the container: the connection ends at its own loopback' }
        : {
            kind: 'read',
            text: `nobody on the network of the host answers ARP for ${packet.destination}`,
            command: inside(netns, ['ip', 'neigh', 'show', packet.destination]),
          },
    ],
    remedies: isEndpoint(rule)
      ? [livingPod(packet.destination)]
      : [
          acceptRemedy(
            context,
            step.netns,
            rule,
            [step.detail.packet],
            'let this traffic pass before that rule, untranslated',
          ),
        ],
    notes: ['connections that conntrack knows already stay translated until their entry ends'],
  };
};
