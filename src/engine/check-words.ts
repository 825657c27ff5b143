import type { AnyHook, HookWalk } from '../netfilter/types.js';
import type { StepDetail, WalkStep } from '../routing/flow-walk-types.js';
import type { ReversePathAnswer, RouteAnswer } from '../routing/types.js';

interface Words {
  readonly title: string;
  readonly because: string;
}

/** What a step decides and what decided it, in the field's own words. */
export const describeStep = (step: WalkStep): Words => WORDS[step.detail.kind](step.detail as never, step);

type Describe = {
  readonly [K in StepDetail['kind']]: (detail: Extract<StepDetail, { kind: K }>, step: WalkStep) => Words;
};

const WORDS: Describe = {
  route: ({ query, answer }) => ({
    title: 'route',
    because: `${query.destination}${query.mark === 0 ? '' : ` mark 0x${query.mark.toString(16)}`}: ${routeWords(answer)}`,
  }),
  forwarding: ({ device, on, all }) => ({
    title: 'forwarding',
    because: on
      ? `packets that come in by ${device} are forwarded`
      : all
        ? `forwarding is off for ${device}, although it is on for all`
        : 'forwarding is off in the whole namespace',
  }),
  'reverse-path': ({ device, answer }) => ({ title: 'rp_filter', because: reversePathWords(device, answer) }),
  'return-device': ({ expected, answer }) => ({
    title: 'route back',
    because:
      answer.dev === expected
        ? `the answer goes back by ${expected}, where the request came in`
        : `the request came in by ${expected}, but ${routeWords(answer)}`,
  }),
  hook: ({ walk }) => ({ title: walk.hook.toUpperCase(), because: hookWords(walk) }),
  frame: ({ layer, packet, walk }) => ({
    title: `${FRAMES[layer]} ${walk.hook.toUpperCase()}${packet.frame?.arp ? ` (ARP ${packet.frame.arp.operation})` : ''}`,
    because: hookWords(walk),
  }),
  filter: ({ walk: { hook, verdict, filter, doubt } }) => ({
    title: `tc ${hook.toUpperCase()}`,
    because:
      doubt ??
      (filter === null
        ? 'no filter takes it'
        : `filter ${filter.kind} (pref ${filter.preference}) ${verdict === 'drop' ? 'drops' : 'passes'} it`),
  }),
  unread: ({ what }) => ({ title: 'not read', because: `${what} could not be read` }),
  address: ({ address, problem }) => ({ title: 'addresses', because: `${problem} (${address}) is refused` }),
  xfrm: ({ policy, problem }) => ({
    title: 'IPsec',
    because: `the policy ${policy.source} to ${policy.destination} ${problem === 'blocked' ? 'blocks' : 'wants a tunnel that is not up'}`,
  }),
  moved: ({ address, device }) => ({ title: 'NAT', because: `conntrack has ${address} of ${device} for the flow` }),
  ttl: ({ ttl }) => ({ title: 'TTL', because: `the TTL is ${ttl}: time exceeded` }),
  device: ({ problem, role }, { device }) => ({
    title: `${DEVICES[role] ?? 'device'} ${device ?? ''}`.trim(),
    because: problem ?? 'up',
  }),
  neighbour: ({ address, entry }) => ({
    title: 'neighbour',
    because:
      entry === null
        ? `${address} has no entry yet: it will be asked for`
        : `${address} is ${entry.states.join(' ')}${entry.lladdr === null ? '' : ` at ${entry.lladdr}`}`,
  }),
  service: ({ answer: { address, port, listens, on } }) => ({
    title: 'socket',
    because:
      listens === 'yes'
        ? `a program listens on port ${port}`
        : listens === 'elsewhere'
          ? `port ${port} is open on ${on.join(', ')} alone, not on ${address}`
          : `nothing listens on port ${port}`,
  }),
  bridge: ({ bridge, answer }) => ({ title: `bridge ${bridge}`, because: answer.because }),
};

const FRAMES = { ip: 'neighbour discovery', bridge: 'bridge', arp: 'ARP', netdev: 'device' } as const;

const DEVICES: Readonly<Record<string, string>> = {
  container: "the container's",
  'veth-host': 'veth',
  bridge: 'bridge',
  'bridge-port': 'bridge port',
  uplink: 'uplink',
  lower: 'lower device',
  tunnel: 'tunnel',
};

const routeWords = ({ outcome, decidedBy, route, rule, gateway, dev }: RouteAnswer): string => {
  if (decidedBy === 'rule') return `policy rule ${rule?.text ?? ''} says ${outcome}`;
  if (route === null) return outcome === 'no-route' ? 'no route in any table' : `no route is asked for: ${outcome}`;
  const by = rule !== null && rule.priority !== 0 && rule.priority < 32766 ? `, by rule ${rule.text}` : '';
  const table = route.table === 'main' ? '' : ` (table ${route.table})`;
  if (outcome === 'local') return `local, ${route.text}${by}`;
  const where = dev === null ? '' : ` -> ${gateway === null ? 'on-link' : `via ${gateway}`} dev ${dev}`;
  return `${route.text}${table}${by}${where}`;
};

const REVERSE: Readonly<Record<ReversePathAnswer['because'], string>> = {
  off: 'no check',
  'same-device': 'the way back to the source is the same device',
  loose: 'there is a way back to the source',
  'other-device': 'the way back to the source is another device',
  'no-route': 'there is no way back to the source',
  'local-source': 'the source is an address of this host itself',
  'local-accepted': 'the source is an own address, which accept_local allows',
};

const reversePathWords = (
  device: string,
  { effective, settings, because, expectedDevice }: ReversePathAnswer,
): string => {
  const mode = ['off', 'strict', 'loose'][effective] ?? String(effective);
  const expected = because === 'other-device' && expectedDevice !== null ? ` (${expectedDevice})` : '';
  return `${mode} on ${device} (all ${settings.all}, ${device} ${settings.device}): ${REVERSE[because]}${expected}`;
};

const hookWords = (walk: HookWalk<AnyHook>): string => {
  if (walk.verdict === 'drop' || walk.verdict === 'reject') return walk.decidedBy?.text ?? walk.verdict;
  if (walk.verdict === 'queue') return `${walk.decidedBy?.text ?? ''} hands the packet to a program`;
  if (walk.verdict === 'unknown') {
    const [rule] = walk.possibleDrops ?? [];
    const [doubt] = walk.unknowns;
    return rule ? `perhaps ${rule.text}: ${doubt?.because ?? ''}` : (doubt?.because ?? 'cannot be told');
  }
  if (walk.translations.length > 0) return walk.translations.map(({ rule }) => rule.text).join('; ');
  const rules = walk.met.filter(({ index }) => index !== null);
  const last = rules.findLast(({ target }) => target === 'ACCEPT') ?? rules.at(-1);
  if (last) return last.text;
  const policy = walk.met.at(-1);
  return policy ? `${policy.text} of ${policy.table} ${policy.chain}` : 'no rule here';
};
