import { lastRouter, wireLink } from '../../src/model/path-queries.js';
import { stepsOf } from '../../src/routing/flow-walk-types.js';
import { defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { iptablesFor } from '../support/accept.js';
import { inside } from '../support/commands.js';
import { isHostAddress, sourceAtUplink } from '../support/nat.js';
import { controlProof, listCommand, ruleCountedProof, ruleName } from '../support/proofs.js';

export const nfSnatWrong = defineCheck({
  meta: {
    id: 'nf-snat-wrong',
    code: 'V5002',
    title: 'the translated source is an address of this host',
    covers: ['nf-snat-wrong', 'nf-snat-wrong-ip'],
    requires: ['host.addresses'],
    references: ['man 8 iptables-extensions (SNAT)'],
  },
  page: {
    meaning: 'A SNAT rule gives the packets a source address that this host does not have, so answers go elsewhere.',
    path: 'POSTROUTING: SNAT to the foreign address -> uplink -> outside answers to that address, and ARP for it stays unanswered.',
    decided:
      "The request is seen on the uplink with that source, the host has no such address, nothing comes back, and the host's own probe is answered.",
    byHand: ['iptables -t nat -nvxL POSTROUTING', 'ip -br addr', 'conntrack -L -s CONTAINER-ADDRESS'],
    origins: [
      'the address of the uplink changed, the rule stayed',
      'a rule copied from another host',
      'a virtual IP that moved to another node',
    ],
    fixes: [
      'MASQUERADE instead of SNAT: follows the address of the uplink',
      'correct --to-source',
      'ip addr add ADDRESS dev UPLINK: where the address belongs to this host',
    ],
    prevention: 'SNAT only to addresses that the same configuration sets up.',
    lab: 'nf-snat-wrong-ip',
  },
  run(artifacts, context) {
    const router = lastRouter(context.path);
    const wire = wireLink(context.path);
    if (!router || !wire || router.oif === null || context.flow.source === null)
      return notApplicable('the flow does not leave the host');
    const source = sourceAtUplink(context);
    if (source === null) return notApplicable('whether the source is translated is not known');
    if (source === context.flow.source) return notApplicable('the source is not translated');
    if (isHostAddress(artifacts['host.addresses'], source))
      return pass(`the source ${source} is an address of this host`);
    if (context.located.answered > 0 || context.located.replyBy.length > 0)
      return pass(`answers to ${source} come back`);
    const translation = stepsOf(context.walk, 'hook')
      .filter((step) => step.way === 'forward' && step.netns === router.netns)
      .flatMap((step) => step.detail.walk.translations)
      .find((candidate) => candidate.kind === 'snat');
    const rule = translation?.rule ?? null;
    const netns = context.netns(router.netns);
    const table = rule?.table ?? 'nat';
    return fail({
      cause: 'nf-snat-wrong-ip',
      title: `packets leave ${router.oif} as ${source}, which this host does not have`,
      place: {
        link: router.link,
        stage: 'postrouting',
        way: 'forward',
        netns: router.netns,
        object: rule ? ruleName(rule) : 'nat POSTROUTING',
      },
      loses: [{ link: wire.id, way: 'return' }],
      proof: [
        { kind: 'seen', text: `requests leave ${router.oif} as ${source}` },
        {
          kind: 'read',
          text: `no interface of this host has ${source}`,
          command: inside(netns, ['ip', '-br', 'addr']),
        },
        ...(rule
          ? [
              {
                kind: 'read' as const,
                text: `${ruleName(rule)}: ${rule.text}`,
                command: inside(netns, listCommand(rule)),
              },
            ]
          : []),
        ...(rule ? ruleCountedProof(context, router.netns, rule) : []),
        ...controlProof(context),
      ],
      remedies:
        rule && rule.backend !== 'nftables' && rule.index !== null
          ? [
              {
                kind: 'runtime',
                title: `masquerade before that rule: the source becomes the address of ${router.oif}`,
                netns: router.netns,
                commands: [
                  inside(netns, [
                    iptablesFor(rule),
                    '-t',
                    table,
                    '-I',
                    rule.chain,
                    String(rule.index),
                    '-s',
                    context.flow.source ?? '',
                    '-o',
                    router.oif,
                    '-j',
                    'MASQUERADE',
                  ]),
                ],
                undo: [
                  inside(netns, [
                    iptablesFor(rule),
                    '-t',
                    table,
                    '-D',
                    rule.chain,
                    '-s',
                    context.flow.source ?? '',
                    '-o',
                    router.oif,
                    '-j',
                    'MASQUERADE',
                  ]),
                ],
                risk: 'low',
                riskText: 'only this container changes its outside address; the rule itself stays wrong for others',
              },
            ]
          : [
              {
                kind: 'instruction',
                title: 'correct the address of the SNAT rule, or replace it by masquerade',
                netns: router.netns,
                commands: [],
                undo: [],
                risk: 'low',
                riskText: 'the outside address of these packets changes',
              },
            ],
      notes: [
        `flows that conntrack knows already keep the wrong source until their entry ends: conntrack -D -s ${context.flow.source ?? ''}`,
      ],
    });
  },
});
