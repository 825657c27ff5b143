import type { Finding, Proof, Remedy } from '../../src/model/finding.js';
import type { Link, Stage } from '../../src/model/path.js';
import type { RuleRef, Translation } from '../../src/netfilter/types.js';
import { type StepOf, stepsOf } from '../../src/routing/flow-walk-types.js';
import { type CheckContext, type CheckProduct, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { anyPort } from '../support/any-port.js';
import { listCommand, ruleName, ruleObject, ruleTitle } from '../support/proofs.js';

/** A table that loses connections is this full at least: entries end and come all the time. */
const FULL = 0.99;

/** Where conntrack has its hooks: at a port of a bridge with br_netfilter, else where packets come in; and where they go out. */
const BRIDGE_PORT: Stage = 'bridge-forward';
const ROUTER: Stage = 'prerouting';
const EXIT: Stage = 'postrouting';

const BRIDGE_CALLS = ['net.bridge.bridge-nf-call-iptables', 'net.bridge.bridge-nf-call-ip6tables'];

const COUNT = 'net.netfilter.nf_conntrack_count';
const MAX = 'net.netfilter.nf_conntrack_max';

export const conntrackFull = defineCheck({
  meta: {
    id: 'conntrack-full',
    code: 'V5520',
    title: 'conntrack has room for a new connection',
    covers: ['nf-conntrack-full', 'nf-masq-port-exhaustion'],
    inbound: 'also',
    requires: ['host.sysctls'],
    references: [
      'https://docs.kernel.org/networking/nf_conntrack-sysctl.html',
      'man 8 iptables-extensions (MASQUERADE --to-ports)',
      'man 8 conntrack (-S)',
    ],
  },
  page: {
    meaning:
      'Connection tracking drops the first packet of every new connection: its table is full, or NAT has no free port for it.',
    path: 'new connection -> PREROUTING: an entry is made, unless the table is full -> … -> POSTROUTING: NAT takes a free port, and the entry is confirmed unless another has the same addresses and ports.',
    decided:
      'No rule drops: the drop counter of conntrack rose by the lost probes, the table is full or the insertions failed, and the captures lose the packets at that hook. With br_netfilter that is the port of the bridge. A table without any room is named behind what loses the packets before it.',
    byHand: [
      'sysctl net.netfilter.nf_conntrack_count net.netfilter.nf_conntrack_max',
      'conntrack -S',
      'dmesg | grep nf_conntrack',
    ],
    origins: [
      'more connections than the table was made for: a busy proxy, a scan, DNS',
      'entries that stay for five days: nf_conntrack_tcp_timeout_established',
      'MASQUERADE --to-ports or SNAT with few ports, and many connections to one service',
    ],
    fixes: [
      'sysctl -w net.netfilter.nf_conntrack_max=N: about 320 bytes of memory for each',
      'shorter time-outs, or NOTRACK for traffic that needs no NAT',
      'more ports or addresses for SNAT',
      'the same translation for one destination, from any port, before the rule that has too few',
    ],
    prevention: 'Watch nf_conntrack_count against nf_conntrack_max, and the counters of conntrack -S.',
    lab: 'nf-conntrack-full',
  },
  run(artifacts, context) {
    if (context.located.lost === 0) return notApplicable('nothing is lost');
    const dropped = context.delta('host', 'Conntrack.drop') ?? 0;
    const { links, lost } = lossOnHost(context);
    const behind = fullBehind(artifacts['host.sysctls'], context, links);
    const otherwise = (result: CheckProduct): CheckProduct => (behind ? fail(behind) : result);
    if (dropped === 0) return otherwise(notApplicable('conntrack of the host dropped nothing during the probe'));
    if (links.length === 0 || dropped < lost)
      return otherwise(pass('what conntrack dropped during the probe is not what is lost'));
    const fill = fillOf(artifacts['host.sysctls']);
    const entry = links.flatMap((link) => entryOf(link, artifacts['host.sysctls']))[0];
    const refused = context.delta('host', 'Conntrack.insert_failed') ?? 0;
    const counted = (text: string): Proof => ({ kind: 'counted', text, command: ['conntrack', '-S'] });
    if (fill && fill.count >= FULL * fill.max && dropped - refused >= lost && entry)
      return fail(tableFull(fill, entry, counted(`conntrack dropped ${dropped} during the probe`)));
    const ports = refused >= lost ? fewPorts(context, links) : null;
    if (ports)
      return fail(noFreePort(ports, counted(`insertions into conntrack that failed: ${refused}, all dropped`)));
    return otherwise(pass('conntrack dropped packets during the probe, and its table is not full'));
  },
});

interface Fill {
  readonly count: number;
  readonly max: number;
}

/** How full the table is; `null` where it has no limit, or is not there. */
const fillOf = (sysctls: Readonly<Record<string, string>>): Fill | null => {
  const [count, max] = [Number(sysctls[COUNT]), Number(sysctls[MAX])];
  return count > 0 && max > 0 ? { count, max } : null;
};

/** The links on which requests may be lost, of those on which conntrack of the host has a hook, and how many are. */
const lossOnHost = ({ located, path }: CheckContext): { readonly links: readonly Link[]; readonly lost: number } => {
  const whole = located.way === 'return' ? null : located.forwardBreak;
  const lossy = located.lossy.find(({ way }) => way === 'forward');
  const seen = whole?.link ?? lossy?.link ?? '';
  const candidates = located.ambiguous.length > 0 ? located.ambiguous : [seen];
  const links = path.links.filter(
    ({ id, from, stages }) =>
      candidates.includes(id) &&
      path.hops.some((hop) => hop.id === from && hop.netns === 'host') &&
      [BRIDGE_PORT, ROUTER, EXIT].some((stage) => stages.includes(stage)),
  );
  return { links, lost: whole ? located.lost : (lossy?.lost ?? located.lost) };
};

interface Entry {
  readonly link: Link;
  readonly stage: Stage;
}

/** Where a packet of a new connection enters conntrack: on a port of a bridge with br_netfilter, else where it is routed. */
const entryOf = (link: Link, sysctls: Readonly<Record<string, string>>): readonly Entry[] => {
  if (link.stages.includes(ROUTER)) return [{ link, stage: ROUTER }];
  const isAsked = BRIDGE_CALLS.some((key) => sysctls[key] === '1');
  return isAsked && link.stages.includes(BRIDGE_PORT) ? [{ link, stage: BRIDGE_PORT }] : [];
};

/** A table without any room where the probe did not get: it is lost there once what loses it before is mended. */
const fullBehind = (
  sysctls: Readonly<Record<string, string>>,
  { path, walk }: CheckContext,
  lossy: readonly Link[],
): Finding | null => {
  const fill = fillOf(sysctls);
  const entry = path.links
    .filter(({ from }) => path.hops.some((hop) => hop.id === from && hop.netns === 'host'))
    .flatMap((link) => entryOf(link, sysctls))[0];
  const isAsked = stepsOf(walk, 'hook').some(({ way, netns }) => way === 'forward' && netns === 'host');
  if (!fill || fill.count < fill.max || !entry || !isAsked || lossy.includes(entry.link)) return null;
  return tableFull(fill, entry);
};

const tableFull = ({ count, max }: Fill, { link, stage }: Entry, counted?: Proof): Finding => ({
  cause: 'nf-conntrack-full',
  title: `conntrack is full: ${count} of ${max} connections`,
  place: { link: link.id, stage, way: 'forward', netns: 'host', object: MAX },
  loses: [{ link: link.id, way: 'forward' }],
  proof: [
    { kind: 'read', text: `${COUNT} = ${count}, nf_conntrack_max = ${max}`, command: ['sysctl', COUNT, MAX] },
    ...(counted ? [counted] : []),
  ],
  remedies: [
    {
      kind: 'runtime',
      title: 'make room for twice as many',
      netns: 'host',
      commands: [['sysctl', '-w', `${MAX}=${2 * max}`]],
      undo: [['sysctl', '-w', `${MAX}=${max}`]],
      risk: 'low',
      riskText: `up to ${Math.ceil((max * ENTRY_BYTES) / 2 ** 20)} MiB more memory of the kernel; lost at reboot`,
    },
  ],
  notes: [
    'the limit holds for the whole machine and is set outside of containers',
    'connections under way are not affected: only new ones are dropped',
  ],
});

/** Memory of one entry. @see struct nf_conn */
const ENTRY_BYTES = 320;

interface FewPorts {
  readonly step: StepOf<'hook'>;
  readonly rule: RuleRef;
  readonly first: number;
  readonly last: number;
}

/** The rule that translates the source to one of some ports, on a link on which the packets may be lost. */
const fewPorts = (context: CheckContext, links: readonly Link[]): FewPorts | null => {
  const found = stepsOf(context.walk, 'hook').flatMap((step) =>
    step.way === 'forward' && step.netns === 'host' && links.some(({ id }) => id === step.link)
      ? step.detail.walk.translations.flatMap((translation) => withPorts(step, translation) ?? [])
      : [],
  );
  return found[0] ?? null;
};

/** `--to-ports 40000-40001`, `--to-source 198.51.100.10:40000-40001`, `masquerade to :40000-40001`. */
const PORTS = /(?:--to-ports |--to-source \S*:|(?:masquerade|snat)\b.* to \S*:)(\d+)(?:-(\d+))?/;

const withPorts = (step: StepOf<'hook'>, { kind, rule }: Translation): FewPorts | null => {
  const [, first, last = first] = PORTS.exec(rule.text) ?? [];
  return kind === 'snat' && first !== undefined ? { step, rule, first: Number(first), last: Number(last) } : null;
};

const noFreePort = ({ step, rule, first, last }: FewPorts, counted: Proof): Finding => ({
  cause: 'nf-masq-port-exhaustion',
  title: `no port is free: ${ruleTitle(rule)} has ${last - first + 1} (${first}-${last})`,
  place: { link: step.link, stage: EXIT, way: 'forward', netns: 'host', object: ruleObject(rule) },
  loses: [{ link: step.link, way: 'forward' }],
  proof: [{ kind: 'read', text: `${ruleName(rule)}: ${rule.text}`, command: listCommand(rule) }, counted],
  remedies: [anyPort(step.detail.packet, rule) ?? MORE_PORTS],
  notes: ['each connection to one address and port needs a port of its own; other destinations are not affected'],
});

const MORE_PORTS: Remedy = {
  kind: 'instruction',
  title: 'give that rule more ports or another address, or leave the choice of ports to the kernel',
  netns: 'host',
  commands: [],
  undo: [],
  risk: 'low',
  riskText: 'new connections leave by other ports, which a filter upstream may not expect',
};
