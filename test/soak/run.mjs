// npm run soak -- [--inputs N] [--seed S] [--parser NAME]: throws N inputs at each parser, most of them mutations of valid dumps. A parser
// may refuse an input with a ParseError or read it; everything else, and a slow answer, is a failure. Needs a built program.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import * as library from '../../dist/index.js';

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    parser: { type: 'string', default: '' },
  },
});
const INPUTS = Number(values.inputs);
const SLOW_MS = 1_000;

let state = Number(values.seed) >>> 0;
const next = () => {
  state = (state + 0x6d2b79f5) >>> 0;
  let mixed = Math.imul(state ^ (state >>> 15), state | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
};
const below = (limit) => Math.floor(next() * limit);

const fixture = (name) => readFileSync(new URL(`../../fixtures/commands/${name}`, import.meta.url), 'utf8');
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

const frames = (name) => readFileSync(new URL(`../../fixtures/rulesets/frames/${name}`, import.meta.url), 'utf8');

/** A rule that was accepted is taken apart later: that must not find anything to refuse any more. */
const parseAndLook = (text) => {
  const { tables } = library.parseIptablesSave(text);
  try {
    for (const { options, matches, target, comment } of tables.flatMap(({ rules }) => rules))
      if (options === undefined || matches === undefined || target === undefined || comment === undefined)
        throw new Error('no parts');
  } catch (error) {
    throw new TypeError(`accepted, then refused: ${error.message}`);
  }
};

const PARSERS = {
  parseIptablesSave: [parseAndLook, SAVE],
  parseEbtablesSave: [library.parseEbtablesSave, frames('ebtables-nft-counters.save')],
  parseArptablesSave: [library.parseArptablesSave, frames('arptables-nft-counters.save')],
  parseIpsetSave: [library.parseIpsetSave, IPSET],
  parseNftRuleset: [library.parseNftRuleset, NFT],
  parseIpRoute: [library.parseIpRoute, fixture('ip-route.json')],
  parseIpRule: [(text) => library.parseIpRule(text, 4), fixture('ip-rule.json')],
  parseIpLink: [library.parseIpLink, fixture('ip-link.json')],
  parseIpAddress: [library.parseIpAddress, fixture('ip-addr.json')],
  parseIpNeigh: [library.parseIpNeigh, fixture('ip-neigh.json')],
  parseBridgeLink: [library.parseBridgeLink, fixture('bridge-link.json')],
  parseBridgeFdb: [library.parseBridgeFdb, fixture('bridge-fdb.json')],
  parseSysctlDump: [library.parseSysctlDump, fixture('sysctl.txt')],
};

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

const mutate = (text) => {
  let mutated = text;
  for (let left = 1 + below(4); left > 0; left -= 1) {
    const at = below(mutated.length + 1);
    const end = Math.min(mutated.length, at + below(12));
    const piece = mutated.slice(at, end);
    const kind = below(5);
    if (kind === 0) mutated = mutated.slice(0, at) + mutated.slice(end);
    else if (kind === 1) mutated = mutated.slice(0, at) + SCRAPS[below(SCRAPS.length)] + mutated.slice(at);
    else if (kind === 2) mutated = mutated.slice(0, at) + piece.repeat(1 + below(20)) + mutated.slice(at);
    else if (kind === 3) mutated = mutated.slice(0, at) + String.fromCharCode(below(256)) + mutated.slice(at + 1);
    else mutated = mutated.slice(0, at);
  }
  return mutated;
};

const random = () =>
  Array.from({ length: below(200) }, () =>
    next() < 0.3 ? SCRAPS[below(SCRAPS.length)] : String.fromCharCode(below(128)),
  ).join('');

let failed = false;
for (const [name, [parse, valid]] of Object.entries(PARSERS)) {
  if (values.parser !== '' && values.parser !== name) continue;
  let [read, refused, nameless, slowest] = [0, 0, 0, 0];
  const before = process.memoryUsage().heapUsed;
  for (let number = 0; number < INPUTS; number += 1) {
    const input = next() < 0.75 ? mutate(valid) : random();
    const started = performance.now();
    try {
      parse(input);
      read += 1;
    } catch (error) {
      if (!(error instanceof library.ParseError)) {
        failed = true;
        process.stdout.write(`${name} threw ${error?.stack} for ${JSON.stringify(input).slice(0, 500)}\n`);
      } else if (error.message === '') nameless += 1;
      refused += 1;
    }
    slowest = Math.max(slowest, performance.now() - started);
  }
  failed ||= slowest > SLOW_MS || nameless > 0;
  const grown = ((process.memoryUsage().heapUsed - before) / 1e6).toFixed(0);
  process.stdout.write(
    `${name}: ${INPUTS} inputs, ${read} read, ${refused} refused, slowest ${slowest.toFixed(1)} ms, heap +${grown} MB\n`,
  );
}
process.exit(failed ? 1 : 0);
