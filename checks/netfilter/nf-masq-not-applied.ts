import ipaddr from 'ipaddr.js';
import type { ContainerNetwork } from '../../src/model/container-network.js';
import type { Proof, Remedy } from '../../src/model/finding.js';
import { hopOf, lastRouter, wireLink } from '../../src/model/path-queries.js';
import { findChains, type SourceTranslation, sourceTranslations } from '../../src/netfilter/rules.js';
import type { NetfilterState } from '../../src/netfilter/state.js';

import type { RuleRef } from '../../src/netfilter/types.js';
import { stepsOf } from '../../src/routing/flow-walk-types.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { inside, words } from '../support/commands.js';
import { globalAddresses } from '../support/container.js';
import { isHostAddress, isPrivate, isTracked, isWithin, natTool, sourceAtUplink } from '../support/nat.js';
import { sendsFrom } from '../support/once-mended.js';
import { controlProof, listCommand, ruleName } from '../support/proofs.js';
import { isSentElsewhere } from '../support/sent-elsewhere.js';
import { isTunnelled } from '../support/tunnel.js';

export const nfMasqNotApplied = defineCheck({
  meta: {
    id: 'nf-masq-not-applied',
    code: 'V5001',
    title: "the container's address is translated on its way out",
    covers: [
      'nf-masq-not-applied',
      'nf-missing-masquerade',
      'nf-masq-wrong-iface',
      'nf-masq-wrong-subnet',
      'ctr-src-not-in-masq',
      'ip6-no-masquerade-ula',
    ],
    requires: ['host.addresses', 'host.links', 'target.addresses'],
    references: ['man 8 iptables-extensions (MASQUERADE)', 'RFC 1918'],
  },
  page: {
    meaning: "Packets leave the host with the container's private address; the answer cannot find the way back.",
    path: 'bridge -> route look-up -> FORWARD -> POSTROUTING: no MASQUERADE or SNAT rule matches -> uplink, with the private source -> outside.',
    decided:
      "The request is seen on the uplink with the container's own address, nothing comes back, and the same probe from the host's address is answered. Which rule is missing or does not match is read from the nat tables.",
    byHand: [
      'tcpdump -p -ni eth0 icmp',
      'iptables -t nat -nvxL POSTROUTING',
      'nft list ruleset',
      'conntrack -L -s CONTAINER-ADDRESS',
    ],
    origins: [
      '--iptables=false or --ip-masq=false',
      'the nat table was flushed',
      'the uplink was renamed and the rule names the old one',
      'the bridge got another subnet',
    ],
    fixes: [
      'iptables -t nat -A POSTROUTING -s SUBNET ! -o BRIDGE -j MASQUERADE: at once, lost at reboot',
      'systemctl restart docker: makes its rules anew',
      'no NAT at all, where this network is routed on purpose: mend the route upstream',
    ],
    prevention: 'Rules without the name of the uplink (! -o BRIDGE instead of -o eth0).',
    lab: 'nf-missing-masquerade',
  },
  run(artifacts, context) {
    const router = lastRouter(context.path);
    const wire = wireLink(context.path);
    const [own] = context.flow.source === null ? [] : [context.flow.source];
    if (!router || !wire || router.oif === null || own === undefined)
      return notApplicable('the flow does not leave the host');
    if (isTunnelled(context)) return notApplicable('what is inside of a tunnel keeps its addresses');
    if (isSentElsewhere(context)) return notApplicable('a rule sends the packets to another destination');
    const source = sourceAtUplink(context);
    if (source === null) return notApplicable('whether the source is translated is not known');
    if (context.walk.atUplink?.connection === 'untracked')
      return notApplicable('conntrack does not follow the packets');
    if (!isTracked(context, router.netns))
      return notApplicable('what conntrack makes of the connection is not known, and decides before any rule');
    if (context.walk.atUplink?.connection === 'invalid')
      return notApplicable('conntrack takes the packets for no connection, so no rule of nat is asked');
    if (source !== own) return pass(`the request leaves ${router.oif} as ${source}`);
    if (isHostAddress(artifacts['host.addresses'], own) || !isPrivate(own)) return pass(`${own} needs no translation`);
    const exempt = exemption(context);
    if (exempt) return notApplicable(`${ruleName(exempt)} exempts ${context.flow.destination} from translation`);
    if (context.located.answered > 0 || context.located.replyBy.length > 0)
      return pass('answers come back without translation');
    if (
      context.flow.family === 6 &&
      !context.located.counts.some((count) => count.hop === hopOf(context.path, 'uplink')?.id && count.forward > 0)
    )
      return notApplicable('whether IPv6 is routed here on purpose shows only on the uplink');
    const bridge = hopOf(context.path, 'bridge')?.ifname ?? router.iif;
    const network = context.networks.find((candidate) => candidate.bridge === bridge) ?? null;
    if (network?.internal)
      return notApplicable(`network ${network.name} is internal: nothing of it is to leave the host`);
    const state = context.netfilter(router.netns);
    const unread = state?.unread.find(({ families }) => families.includes(context.flow.family)) ?? null;
    const found = verdictOf(
      state ? sourceTranslations(state, context.flow.family) : [],
      own,
      bridge,
      router.oif,
      new Set(artifacts['host.links'].map((link) => link.ifname)),
    );
    const otherSource =
      found.cause === 'nf-masq-wrong-subnet' &&
      globalAddresses(artifacts['target.addresses'], context.flow.family).find(
        ({ local }) => local !== own && isWithin(found.rule?.source ?? null, local),
      );
    const verdict = otherSource
      ? {
          ...found,
          cause: 'ctr-src-not-in-masq',
          what: `rule is for ${found.rule?.source}`,
        }
      : found;
    if (verdict.rule === null && unread)
      return notApplicable(`whether a rule translates it is not known: ${unread.because}`);
    if (verdict.cause === 'nf-masq-not-applied' && context.walk.unknowns.length > 0)
      return notApplicable(`why the rule does not match is not known: ${context.walk.unknowns[0]?.because}`);
    const subnet = subnetOf(artifacts['host.addresses'], bridge, own);
    const tool = natTool(context, router.netns);
    const masquerade = (verb: string): readonly string[] =>
      inside(context.netns(router.netns), [
        ...[tool, '-t', 'nat', verb, 'POSTROUTING', '-s', subnet, '!', '-o', bridge, '-j', 'MASQUERADE'],
      ]);
    const left = context.located.counts.find((count) => count.hop === hopOf(context.path, 'uplink')?.id);
    const seen = context.hasHeaders ? left : undefined;
    const product = fail({
      cause:
        context.flow.family === 6 && verdict.cause === 'nf-missing-masquerade'
          ? 'ip6-no-masquerade-ula'
          : verdict.cause,
      title: `${own} leaves ${router.oif} untranslated: ${verdict.what}${network && !network.masquerade ? ` (network ${network.name}: ip_masquerade=false)` : ''}`,
      place: {
        link: router.link,
        stage: 'postrouting',
        way: 'forward',
        netns: router.netns,
        object: verdict.rule ? ruleName(verdict.rule.ref) : 'nat POSTROUTING',
      },
      loses: [{ link: wire.id, way: 'return' }],
      proof: [
        {
          kind: seen && seen.forward > 0 ? 'seen' : 'inferred',
          text:
            seen && seen.forward > 0
              ? `requests leave ${router.oif} as ${own}, the container's own address`
              : `no rule translates ${own}`,
        },
        {
          kind: 'read',
          text: verdict.rule
            ? `${ruleName(verdict.rule.ref)}: ${verdict.rule.ref.text}`
            : `no SNAT or MASQUERADE rule for ${own}`,
          command: verdict.rule ? listCommand(verdict.rule.ref) : [tool, '-t', 'nat', '-nvxL', 'POSTROUTING'],
        },
        ...(network ? configuredProof(network, unread ? null : state, verdict.rule) : []),
        ...controlProof(context),
      ],
      remedies: [
        ...(verdict.cause === 'ctr-src-not-in-masq' ? otherSourceRemedy(context) : []),
        {
          kind: 'runtime',
          title: 'masquerade this network',
          netns: router.netns,
          commands: [masquerade('-A')],
          undo: [masquerade('-D')],
          risk: 'low',
          riskText: "the outside sees the host's address instead of the container's",
        },
      ],
      notes: [
        'do not add NAT where this network is routed on purpose: mend the route upstream instead',
        'where the answer is lost cannot be seen from this host: the next router or the destination has no way back to the private address',
        `flows that conntrack knows already stay untranslated until their entry ends: conntrack -D -s ${own}`,
      ],
    });
    return otherSource ? { ...product, onceMended: sendsFrom(otherSource.local) } : product;
  },
});

/** Where a route of the container names the source: the route without it, so that its masqueraded address is taken. */
const otherSourceRemedy = (context: CheckContext): readonly Remedy[] => {
  const step = stepsOf(context.walk, 'route').find(({ netns, way }) => netns === 'target' && way === 'forward');
  const text = step?.detail.answer.route?.text ?? '';
  const plain = text.replace(/ src \S+/, '');
  if (plain === text) return [];
  const replace = (route: string): readonly string[] =>
    inside(context.netns('target'), [
      ...(context.flow.family === 6 ? ['ip', '-6'] : ['ip']),
      ...['route', 'replace', ...words(route)],
    ]);
  return [
    {
      kind: 'runtime',
      title: 'let the container send from its own address on that device',
      netns: 'target',
      commands: [replace(plain)],
      undo: [replace(text)],
      risk: 'low',
      riskText: 'only this container is changed; a service that knows it by the other address sees a new one',
    },
  ];
};

/** The rule that leaves what goes to a private network untranslated, as networks joined by routes need it; `null`: none. */
const exemption = ({ walk, flow }: CheckContext): RuleRef | null =>
  isPrivate(flow.destination)
    ? (stepsOf(walk, 'hook')
        .filter(({ way, detail }) => way === 'forward' && detail.walk.hook === 'postrouting')
        .flatMap(({ detail }) => detail.walk.met)
        .find(
          ({ table, target, text }) =>
            table === 'nat' && /^(RETURN|ACCEPT)$/.test(target) && NAMES_DESTINATION.test(text),
        ) ?? null)
    : null;

const NAMES_DESTINATION = /(^|\s)(-d|--destination|--dst|daddr)\s/;

/**
 * What the runtime should have made for the network, and why it is not there. Docker keeps its rules in chains of iptables,
 * or since version 29 in a table of nftables.
 * @param state all rules; `null` where some could not be read: then nothing is said to be absent
 * @param rule a translation that does not match, where there is one
 */
const configuredProof = (
  { runtime, name, masquerade }: ContainerNetwork,
  state: NetfilterState | null,
  rule: SourceTranslation | null,
): readonly Proof[] => {
  const command = [runtime, 'network', 'inspect', name];
  const hasNone =
    state !== null &&
    findChains(state, ({ chain, table }) => /^DOCKER(-|$)/.test(chain) || table === 'docker-bridges').length === 0;
  if (runtime === 'docker' && hasNone)
    return [
      {
        kind: 'read',
        text: `network ${name} is Docker's, which has no chain here at all: it runs with --iptables=false, or all its rules were flushed`,
        command: ['iptables', '-S'],
      },
    ];
  if (!masquerade)
    return [
      {
        kind: 'read',
        text: `network ${name} was made without masquerading: the rule is not missing by accident`,
        command,
      },
    ];
  return state === null || rule !== null
    ? []
    : [{ kind: 'read', text: `${runtime} is to masquerade network ${name}, and its rule is not there`, command }];
};

interface Verdict {
  readonly cause: string;
  readonly what: string;
  readonly rule: SourceTranslation | null;
}

/** Tells a rule for another interface and a rule for another subnet of this very bridge from no rule at all. */
const verdictOf = (
  rules: readonly SourceTranslation[],
  own: string,
  bridge: string,
  oif: string,
  devices: ReadonlySet<string>,
): Verdict => {
  const covers = (rule: SourceTranslation) => isWithin(rule.source, own) !== rule.sourceNegated;
  const wrongInterface = rules.find(
    (rule) => covers(rule) && rule.oif !== null && !rule.oifNegated && rule.oif !== oif,
  );
  if (wrongInterface) {
    const gone = devices.has(wrongInterface.oif ?? '') ? '' : ' (gone)';
    return { cause: 'nf-masq-wrong-iface', what: `rule is for ${wrongInterface.oif}${gone}`, rule: wrongInterface };
  }
  const wrongSubnet = rules.find((rule) => !covers(rule) && rule.oifNegated && rule.oif === bridge);
  if (wrongSubnet)
    return {
      cause: 'nf-masq-wrong-subnet',
      what: `rule is for ${wrongSubnet.source}`,
      rule: wrongSubnet,
    };
  const other = rules.find(covers);
  return other
    ? { cause: 'nf-masq-not-applied', what: 'the rule that covers it does not match', rule: other }
    : { cause: 'nf-missing-masquerade', what: 'no MASQUERADE', rule: null };
};

const subnetOf = (
  addresses: readonly { readonly ifname: string; readonly local: string; readonly prefixLength: number }[],
  bridge: string,
  own: string,
): string => {
  const address = addresses.find(
    (candidate) => candidate.ifname === bridge && isWithin(`${candidate.local}/${candidate.prefixLength}`, own),
  );
  if (!address) return own;
  const family = ipaddr.IPv4.isValid(address.local) ? ipaddr.IPv4 : ipaddr.IPv6;
  return `${family.networkAddressFromCIDR(`${address.local}/${address.prefixLength}`).toString()}/${address.prefixLength}`;
};
