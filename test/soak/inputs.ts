// What the soak throws at the parsers: random text, and mutations of valid dumps, from a seed.
import { readFileSync } from 'node:fs';
import type * as Library from '../../src/index.js';

const fixture = (name: string) => readFileSync(new URL(`../../fixtures/commands/${name}`, import.meta.url), 'utf8');
const SAVE = `*filter
:INPUT ACCEPT [0:0]
:FORWARD DROP [7:588]
:OUTPUT ACCEPT [0:0]
:DOCKER-USER - [0:0]
[3:252] -A FORWARD -j DOCKER-USER
[0:0] -A FORWARD ! -i br0 -o br0 -p tcp -m tcp ! --dport 80:90 -m comment --comment "a \\"b\\" c" -j ACCEPT
[0:0] -A DOCKER-USER -m set --match-set hosts src,dst -j RETURN
COMMIT
`;
const IPSET = `create hosts hash:net family inet hashsize 1024 maxelem 65536 timeout 0 comment
add hosts 10.0.0.0/8 timeout 0 nomatch comment "x y"
create all list:set size 8
add all hosts
`;
const BRIDGE_VLAN = JSON.stringify([
  {
    ifname: 'veth1_p',
    vlans: [
      { vlan: 1, flags: ['PVID', 'Egress Untagged'] },
      { vlan: 10, vlanEnd: 20 },
    ],
  },
  { ifname: 'br0', vlans: [{ vlan: 1, flags: ['PVID', 'Egress Untagged'] }] },
]);
const BRIDGE_MDB = JSON.stringify([
  {
    mdb: [
      { index: 2, dev: 'br0', port: 'br0', grp: 'ff02::1:ff00:1', state: 'temp', flags: [] },
      { index: 3, dev: 'br1', port: 'veth2', grp: '239.1.1.1', src: '192.0.2.1', vid: 10, state: 'permanent' },
    ],
    router: { br0: [{ port: 'veth1', timer: ' 250.96', type: 'temp' }], br1: [{ port: 'veth3' }] },
  },
]);
const NFT = JSON.stringify({
  nftables: [
    { metainfo: { version: '1.0.6' } },
    { table: { family: 'inet', name: 'fw', handle: 1 } },
    {
      chain: {
        family: 'inet',
        table: 'fw',
        name: 'f',
        handle: 1,
        type: 'filter',
        hook: 'forward',
        prio: 0,
        policy: 'drop',
      },
    },
    {
      set: {
        family: 'inet',
        table: 'fw',
        name: 's',
        type: 'ipv4_addr',
        handle: 2,
        flags: ['interval'],
        elem: ['10.0.0.1'],
      },
    },
    {
      rule: {
        family: 'inet',
        table: 'fw',
        chain: 'f',
        handle: 3,
        expr: [
          { match: { op: '==', left: { payload: { protocol: 'ip', field: 'saddr' } }, right: '@s' } },
          { counter: { packets: 1, bytes: 2 } },
          { accept: null },
        ],
      },
    },
  ],
});

const ruleset = (name: string) => readFileSync(new URL(`../../fixtures/rulesets/${name}`, import.meta.url), 'utf8');

const SCRAPS = [
  '\u0000',
  '"',
  '\\',
  '!',
  '-',
  '[',
  ']',
  '{',
  '}',
  ',',
  ':',
  '\n',
  ' ',
  'null',
  '__proto__',
  'constructor',
  '-A',
  'COMMIT',
  '*',
  '9'.repeat(40),
  '\u{1F600}',
  '\ud800',
];

const VALUES = [
  'null',
  'true',
  '-1',
  '0',
  '4294967296',
  '1e300',
  '""',
  '"any"',
  '"10.0.0.0/8"',
  '"::1"',
  '[]',
  '{}',
  '["x"]',
];

/** Gives inputs made of the valid dumps of a parser, three quarters of them mutations, in an order that the seed decides. */
export const inputsFrom = (seed: number): ((valid: readonly string[]) => string) => {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  const oneOf = (list: readonly string[]): string => list[below(list.length)] ?? '';

  const mutate = (text: string): string => {
    let mutated = text;
    for (let left = 1 + below(4); left > 0; left -= 1) {
      const at = below(mutated.length + 1);
      const end = Math.min(mutated.length, at + below(12));
      const piece = mutated.slice(at, end);
      const kind = below(5);
      if (kind === 0) mutated = mutated.slice(0, at) + mutated.slice(end);
      else if (kind === 1) mutated = mutated.slice(0, at) + oneOf(SCRAPS) + mutated.slice(at);
      else if (kind === 2) mutated = mutated.slice(0, at) + piece.repeat(1 + below(20)) + mutated.slice(at);
      else if (kind === 3) mutated = mutated.slice(0, at) + String.fromCharCode(below(256)) + mutated.slice(at + 1);
      else mutated = mutated.slice(0, at);
    }
    return mutated;
  };

  /** A JSON dump in which one to four values somewhere are replaced, left out or doubled: it stays JSON. */
  const mutateJson = (text: string): string => {
    const document = JSON.parse(text);
    for (let left = 1 + below(4); left > 0; left -= 1) {
      let node = document;
      for (;;) {
        const keys = Object.keys(node);
        if (keys.length === 0) break;
        const key = oneOf(keys);
        const child = node[key];
        if (typeof child === 'object' && child !== null && next() < 0.8) {
          node = child;
          continue;
        }
        const kind = below(3);
        if (kind === 0) node[key] = JSON.parse(oneOf(VALUES));
        else if (kind === 1) delete node[key];
        else node[`${key}${below(2) === 0 ? '' : 's'}`] = [child, child];
        break;
      }
    }
    return JSON.stringify(document);
  };

  const mutated = (text: string): string => (/^\s*[[{]/.test(text) && next() < 0.5 ? mutateJson(text) : mutate(text));

  const random = (): string =>
    Array.from({ length: below(200) }, () => (next() < 0.3 ? oneOf(SCRAPS) : String.fromCharCode(below(128)))).join('');

  return (valid) => (next() < 0.75 ? mutated(oneOf(valid)) : random());
};

/** What was read renders to a text that is read as the same: the second rendering is the first. */
const andBack =
  <T>(parse: (text: string) => T, render: (parsed: T) => string) =>
  (text: string) => {
    const parsed = parse(text);
    const rendered = render(parsed);
    try {
      if (render(parse(rendered)) === rendered) return parsed;
    } catch (error) {
      throw new TypeError(`accepted, and refused after it was rendered: ${String(error)}`);
    }
    throw new TypeError('rendered twice, it is not the same');
  };

/** A rule that was accepted is taken apart later: that must not find anything to refuse any more. */
const parseAndLook = (library: typeof Library) => {
  const parse = andBack(library.parseIptablesSave, library.renderIptablesSave);
  return (text: string) => {
    const { tables } = parse(text);
    try {
      for (const { options, matches, target, comment } of tables.flatMap(({ rules }) => rules))
        if (options === undefined || matches === undefined || target === undefined || comment === undefined)
          throw new Error('no parts');
    } catch (error) {
      throw new TypeError(`accepted, then refused: ${String(error)}`);
    }
  };
};

/** Each parser of the library with the valid dumps whose mutations it gets. */
export const parsersOf = (
  library: typeof Library,
): Readonly<Record<string, readonly [(text: string) => unknown, ...string[]]>> => ({
  parseIptablesSave: [
    parseAndLook(library),
    SAVE,
    ruleset('recorded/extensions.save'),
    ruleset('recorded/mixed.save'),
    ruleset('composed/tailscale.legacy.save'),
  ],
  parseEbtablesSave: [
    andBack(library.parseEbtablesSave, library.renderFrameSave),
    ...['nft-counters', 'nft-option-counters', 'nft', 'legacy'].map((name) => ruleset(`frames/ebtables-${name}.save`)),
  ],
  parseArptablesSave: [
    andBack(library.parseArptablesSave, library.renderFrameSave),
    ...['nft-counters', 'nft', 'legacy'].map((name) => ruleset(`frames/arptables-${name}.save`)),
  ],
  parseIpsetSave: [andBack(library.parseIpsetSave, library.renderIpsetSave), IPSET],
  parseNftRuleset: [library.parseNftRuleset, NFT, ruleset('recorded/mixed.json'), ruleset('recorded/extensions.json')],
  parseIpRoute: [library.parseIpRoute, fixture('ip-route.json')],
  parseIpRule: [(text: string) => library.parseIpRule(text, 4), fixture('ip-rule.json')],
  parseIpLink: [library.parseIpLink, fixture('ip-link.json'), fixture('ip-link-container.json')],
  parseIpAddress: [library.parseIpAddress, fixture('ip-addr.json')],
  parseIpNeigh: [library.parseIpNeigh, fixture('ip-neigh.json'), fixture('ip-neigh-failed.json')],
  parseBridgeLink: [library.parseBridgeLink, fixture('bridge-link.json')],
  parseBridgeFdb: [library.parseBridgeFdb, fixture('bridge-fdb.json')],
  parseBridgeVlan: [library.parseBridgeVlan, BRIDGE_VLAN],
  parseBridgeMdb: [library.parseBridgeMdb, BRIDGE_MDB],
  parseSysctlDump: [library.parseSysctlDump, fixture('sysctl.txt')],
});

/** Whether a rejection says where: the line, or the row or entry of a list that its tool prints in one line. */
export const saysWhere = ({ line, message }: Library.ParseError): boolean =>
  line !== null || /\b(row|entry) \d+/.test(message);
