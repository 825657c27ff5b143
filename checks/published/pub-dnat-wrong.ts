import type { Finding, Proof } from '../../src/model/finding.js';
import type { RuleRef } from '../../src/netfilter/types.js';
import { stepsOf } from '../../src/routing/flow-walk-types.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { inside } from '../support/commands.js';
import {
  countedProof,
  listCommand,
  ruleCountedProof,
  ruleName,
  ruleObject,
  ruleTitle,
  unansweredProof,
} from '../support/proofs.js';
import {
  dnatRemedy,
  dnatRulesFor,
  leadsTo,
  leadsToContainer,
  meantPort,
  openWords,
  type Published,
  publishedOf,
  publishedProof,
  remakeRemedies,
} from '../support/published.js';

export const pubDnatWrong = defineCheck({
  meta: {
    id: 'pub-dnat-wrong',
    code: 'V5902',
    title: 'the published port leads to the right address and port',
    covers: ['pub-dnat-wrong', 'pub-dnat-wrong-ip', 'pub-dnat-wrong-port', 'pub-dnat-duplicate', 'svc-stale-endpoint'],
    inbound: 'only',
    requires: ['target.addresses'],
    references: ['man 8 iptables-extensions (DNAT)'],
  },
  page: {
    meaning: 'A rule translates the published port, but to an address or a port where the service is not.',
    path: 'uplink -> PREROUTING: DNAT to a stale address -> bridge: nobody answers ARP. Or: to a closed port -> the container resets.',
    decided:
      "The walk meets the rule and its counter moves; its address is not the container's, or nothing listens at its port while other ports are open. The first rule that matches counts: one behind it is never met.",
    byHand: [
      'iptables -t nat -nvxL DOCKER --line-numbers',
      'ip neigh show',
      'nsenter -t PID -n ss -ltn',
      'docker port CONTAINER',
    ],
    origins: [
      'a container that got another address after a crash, whose old rule stayed',
      "a rule made by hand, older than the runtime's own",
      'docker run -p 8080:81 for a service on port 80',
    ],
    fixes: [
      'a rule ahead of it that leads to the container: at once',
      'delete the stale rule, if nobody needs it',
      'start the container anew with the right -p',
    ],
    prevention: 'Publish ports by the tool that runs the containers, and by nothing else.',
    lab: 'pub-dnat-wrong-ip',
  },
  run(artifacts, context) {
    const published = publishedOf(context);
    const rule = published?.dnat?.translation.rule;
    if (!published?.packet || !rule) return notApplicable('no rule translates the destination');
    if (!leadsToContainer(published)) {
      if (artifacts['target.addresses'].some(({ local }) => local === published.packet?.destination))
        return pass(`${rule.text} leads to another address of the container`);
      return fail(elsewhere(context, published, rule));
    }
    const answer = published.service?.detail.answer;
    const isClosed = answer?.listens === 'no' && answer.port === published.packet.destinationPort;
    const meant = meantPort(published);
    if (isClosed && answer.otherPorts.length > 0 && meant !== answer.port)
      return fail(closed(context, published, rule));
    return pass(`${rule.text} leads to the container`);
  },
});

const ruleProof = (context: CheckContext, rule: RuleRef): readonly [Proof, ...Proof[]] => [
  { kind: 'read', text: `${ruleName(rule)}: ${rule.text}`, command: inside(context.netns('host'), listCommand(rule)) },
  ...ruleCountedProof(context, 'host', rule),
];

const elsewhere = (context: CheckContext, published: Published, rule: RuleRef): Finding => {
  const { hook, link, inbound } = published;
  const there = published.packet?.destination ?? '?';
  const later = dnatRulesFor(context, published).find(
    (other) => other.text !== rule.text && leadsTo(other)?.address === inbound.container,
  );
  const port = meantPort(published) ?? (later ? leadsTo(later)?.port : null) ?? leadsTo(rule)?.port ?? null;
  return {
    cause: later ? 'pub-dnat-duplicate' : 'pub-dnat-wrong-ip',
    title: later
      ? `${ruleTitle(rule)} leads port ${published.port} to ${there}, ahead of ${context.target.name}'s`
      : `${ruleTitle(rule)} leads port ${published.port} to ${there}, which is not ${context.target.name}`,
    place: { link, stage: hook, way: 'forward', netns: 'host', object: ruleObject(rule) },
    loses: [{ link, way: 'forward' }],
    proof: [
      ...ruleProof(context, rule),
      {
        kind: 'read',
        text: `${context.target.name} has the address ${inbound.container ?? 'none'}`,
        command: inside(context.netns('target'), ['ip', '-br', 'address']),
      },
      ...(later
        ? [
            {
              kind: 'read' as const,
              text: `${ruleName(later)} leads there, and is never met: ${later.text}`,
              command: inside(context.netns('host'), listCommand(later)),
            },
          ]
        : []),
      ...publishedProof(context, published),
      ...unansweredProof(context, there),
      ...deadProof(context, there),
    ],
    remedies: [
      ...(port === null || inbound.container === null ? [] : [dnatRemedy(context, published, port)]),
      {
        kind: 'instruction',
        title: `or delete the stale rule, if nobody needs it: ${ruleName(rule)}`,
        netns: 'host',
        commands: [],
        undo: [],
        risk: 'low',
        riskText: 'connections that conntrack knows keep the old translation until they end',
      },
      ...remakeRemedies(context),
    ],
    notes: ['a client first sees a time-out, some seconds later "No route to host"'],
  };
};

const deadProof = (context: CheckContext, address: string): readonly Proof[] => {
  const dev = stepsOf(context.walk, 'route').find(
    ({ way, netns, detail }) => way === 'forward' && netns === 'host' && detail.query.destination === address,
  )?.detail.answer.dev;
  const entry = dev ? context.neighbour('host', dev, address) : null;
  return entry && entry.lladdr === null
    ? [
        {
          kind: 'read',
          text: `${address} does not answer ARP on ${dev} (${entry.states.join(' ')})`,
          command: ['ip', 'neigh', 'show', address],
        },
      ]
    : [];
};

const closed = (context: CheckContext, published: Published, rule: RuleRef): Finding => {
  const { service, link, hook } = published;
  const answer = service?.detail.answer;
  const [only, ...more] = answer?.otherPorts ?? [];
  const meant = meantPort(published) ?? (more.length === 0 ? (only ?? null) : null);
  const delivery = service?.link ?? link;
  return {
    cause: 'pub-dnat-wrong-port',
    title: `${ruleTitle(rule)} leads port ${published.port} to port ${answer?.port ?? '?'} of ${context.target.name}, which is closed`,
    place: { link, stage: hook, way: 'forward', netns: 'host', object: ruleObject(rule) },
    loses: [{ link: delivery, way: 'forward' }],
    proof: [
      ...ruleProof(context, rule),
      ...(answer
        ? [
            {
              kind: 'read' as const,
              text: `in ${context.target.name} nothing listens on port ${answer.port}; ${openWords(answer)}`,
              command: inside(context.netns('target'), ['ss', '-ltnu']),
            },
          ]
        : []),
      ...publishedProof(context, published),
      ...countedProof(context, 'target', context.flow.protocol === 'udp' ? 'Udp.NoPorts' : 'Tcp.OutRsts'),
    ],
    remedies: [
      ...(meant === null ? [] : [dnatRemedy(context, published, meant)]),
      {
        kind: 'instruction',
        title: `or let the program listen on port ${answer?.port ?? '?'}, or publish the port that it has: -p ${published.port}:${meant ?? 'PORT'}`,
        netns: 'host',
        commands: [],
        undo: [],
        risk: 'low',
        riskText: 'the container is started anew',
      },
    ],
  };
};
