// Runs in the world of world.sh: for each case DIR/N, sets the network and the rulesets, sends the packets one after the
// other, and writes what the kernel counted (legacy, nft, json, legacy6, nft6), what arrived where (seen) and the state.
import { execFile, spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const [directory, count] = process.argv.slice(2);
const here = new URL('.', import.meta.url).pathname;

/** Output of a command; what it says on standard error when it fails. */
const run = (argv, input = '') =>
  new Promise((resolve) => {
    const child = execFile(argv[0], argv.slice(1), { maxBuffer: 1 << 28 }, (error, stdout, stderr) =>
      resolve({ ok: error === null, stdout, stderr }),
    );
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });

const inNetns = (netns, argv) => (netns === 'host' ? argv : ['ip', 'netns', 'exec', netns, ...argv]);

const children = [];
const helper = (netns, script) => {
  const [file, ...args] = inNetns(netns, ['node', join(here, script)]);
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  const lines = createInterface({ input: child.stdout });
  return {
    ready: new Promise((resolve) => lines.once('line', resolve)),
    send: (packet) =>
      new Promise((resolve) => {
        lines.once('line', resolve);
        child.stdin.write(`${JSON.stringify(packet)}\n`);
      }),
  };
};

const senders = {
  inside: helper('inside', 'send.mjs'),
  ca: helper('ca', 'send.mjs'),
  host: helper('host', 'send.mjs'),
};
const answerers = [];
const answering = ['outside0', 'outside1', 'ca', 'cb', 'host'].map((netns) => {
  const [file, ...args] = inNetns(netns, ['node', join(here, 'answer.mjs'), netns === 'host' ? 'sink' : 'echo']);
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  const lines = createInterface({ input: child.stdout });
  answerers.push(() => {
    const idle = new Promise((resolve) => lines.once('line', resolve));
    child.stdin.write('idle?\n');
    return idle;
  });
  return new Promise((resolve) => lines.once('line', resolve));
});

/** Frames of a protocol of their own, which no rule of a case is about: what was sent before them has been captured. */
const MARKER = '0x88b5';
const DEVICES = { inside: 'in0', outside0: 'out0', outside1: 'out1', ca: 'pa', cb: 'pb' };
const marker = spawn('perl', [join(here, 'mark.pl'), ...Object.values(DEVICES)], {
  stdio: ['pipe', 'ignore', 'inherit'],
});
children.push(marker);
let marked = new Set();
const wholeCapture = async () => {
  marked = new Set();
  marker.stdin.write('mark\n');
  for (let left = 400; marked.size < Object.keys(DEVICES).length; left -= 1) {
    if (left === 0) throw new Error(`no marker arrived but at ${[...marked].join(' ')}`);
    await sleep(5);
  }
};

let seen = [];
const listeners = Object.keys(DEVICES).map((netns) => {
  const filter = [
    '-i',
    'eth0',
    '-p',
    '-l',
    '-nn',
    '-t',
    '-Q',
    'in',
    '--immediate-mode',
    `ip or ip6 or ether proto ${MARKER}`,
  ];
  const [file, ...args] = inNetns(netns, ['tcpdump', ...filter]);
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.includes(MARKER)) marked.add(netns);
    // The bytes of a frame that tcpdump cannot take apart follow on lines of their own.
    else if (!/^\s/.test(line)) seen.push(`${netns} ${line}`);
  });
  return new Promise((resolve) => child.stderr.once('data', resolve));
});
await Promise.all([...listeners, ...answering, ...Object.values(senders).map(({ ready }) => ready)]);

const emptyLegacy = [
  'raw PREROUTING OUTPUT',
  'mangle PREROUTING INPUT FORWARD OUTPUT POSTROUTING',
  'nat PREROUTING INPUT OUTPUT POSTROUTING',
  'filter INPUT FORWARD OUTPUT',
]
  .map((line) => {
    const [table, ...chains] = line.split(' ');
    return [`*${table}`, ...chains.map((chain) => `:${chain} ACCEPT [0:0]`), 'COMMIT', ''].join('\n');
  })
  .join('');

/** Loads an nft file, leaving out the rules that nft refuses (conflicting protocols, and the like). */
const loadNft = async (text) => {
  const lines = text.split('\n');
  for (let left = 30; left > 0; left -= 1) {
    const { ok, stderr } = await run(['nft', '-f', '-'], lines.join('\n'));
    if (ok) return '';
    const bad = [...stderr.matchAll(/^[^:\n]*:(\d+):/gm)].map((match) => Number(match[1]) - 1);
    if (bad.length === 0) return stderr;
    for (const number of bad) lines[number] = '';
  }
  return 'too many refused rules';
};

/** The kernel names no rule: those with a match that not every table takes are left out. */
const dropRefused = (lines, commit) => {
  const first = lines.lastIndexOf(lines.slice(0, commit).findLast((line) => line.startsWith('*')) ?? '', commit);
  const doubtful = lines
    .slice(first, commit)
    .flatMap((line, index) => (/rpfilter|physdev/.test(line) ? [first + index] : []));
  for (const number of doubtful) lines[number] = '';
  return doubtful.length > 0;
};

/** Loads a dump of iptables, leaving out the lines that it refuses. */
const loadIptables = async (program, text) => {
  const lines = text.split('\n');
  for (let left = 30; left > 0; left -= 1) {
    const { ok, stderr } = await run([program], lines.join('\n'));
    if (ok) return '';
    const bad = Number(/line:? (\d+)/.exec(stderr)?.[1] ?? 0) - 1;
    if (lines[bad]?.startsWith('-A')) lines[bad] = '';
    else if (lines[bad] !== 'COMMIT' || !dropRefused(lines, bad)) return stderr;
  }
  return 'too many refused rules';
};

const LOADERS = {
  legacy: (text) => loadIptables('iptables-legacy-restore', text),
  legacy6: (text) => loadIptables('ip6tables-legacy-restore', text),
  nft: (text) => loadIptables('iptables-nft-restore', text),
  nft6: (text) => loadIptables('ip6tables-nft-restore', text),
  nftables: loadNft,
  frames: loadNft,
  ebtables: (text) => loadIptables('ebtables-nft-restore', text),
  native: loadNft,
};

const DUMPS = {
  legacy: ['iptables-legacy-save', '-c'],
  legacy6: ['ip6tables-legacy-save', '-c'],
  nft: ['iptables-nft-save', '-c'],
  nft6: ['ip6tables-nft-save', '-c'],
  json: ['nft', '-j', 'list', 'ruleset'],
  chains: ['nft', 'list', 'chains'],
  ebtables: ['ebtables-nft-save', '-c'],
};
const NETWORK = {
  routes: ['ip', '-j', '-d', 'route', 'show', 'table', 'all'],
  rules: ['ip', '-4', '-j', '-d', 'rule', 'show'],
  rules6: ['ip', '-6', '-j', '-d', 'rule', 'show'],
  links: ['ip', '-j', '-d', 'link', 'show'],
  addresses: ['ip', '-j', 'addr', 'show'],
  ports: ['bridge', '-j', '-d', 'link', 'show'],
  fdb: ['bridge', '-j', 'fdb', 'show'],
  sysctls: ['grep', '-rHs', '', '/proc/sys/net/ipv4/conf', '/proc/sys/net/ipv6/conf', '/proc/sys/net/bridge'],
  ipsets: ['ipset', 'save'],
};

const dump = async (folder, commands) => {
  const texts = await Promise.all(Object.values(commands).map((argv) => run(argv)));
  for (const [index, name] of Object.keys(commands).entries()) writeFileSync(join(folder, name), texts[index].stdout);
};

for (let number = 0; number < Number(count); number += 1) {
  const folder = join(directory, String(number));
  const spec = JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8'));
  const errors = [];
  if (spec.network !== null) {
    await run(['ip', '-force', '-batch', '-'], spec.network.ip.join('\n'));
    await run(['sysctl', '-q', '-w', ...spec.network.sysctls]);
    await run(['bridge', '-force', '-batch', '-'], spec.network.bridge.join('\n'));
    await dump(folder, NETWORK);
    await sleep(150);
  }
  await Promise.all([
    run(['nft', 'flush', 'ruleset']),
    run(['iptables-legacy-restore'], emptyLegacy),
    run(['ip6tables-legacy-restore'], emptyLegacy),
  ]);
  for (const [name, text] of Object.entries(spec.rulesets)) {
    const refusal = await LOADERS[name](text);
    if (refusal !== '') errors.push(`${name}: ${refusal}`);
  }
  seen = [];
  for (const packet of spec.packets) await senders[packet.sender].send(packet);
  for (let before = -1; before !== seen.length; ) {
    before = seen.length;
    await wholeCapture();
    await Promise.all(answerers.map((idle) => idle()));
    await sleep(10);
    await wholeCapture();
  }
  await dump(folder, DUMPS);
  writeFileSync(join(folder, 'seen'), seen.join('\n'));
  writeFileSync(join(folder, 'errors'), errors.join('\n'));
}
for (const child of children) child.kill();
process.exit(existsSync(directory) ? 0 : 1);
