// npm run soak:mutants: breaks the walkers, one way at a time in a temporary copy, and compares the recorded cases; where these do
// not notice, runs the unit tests of the walkers. A mutant that nothing notices, or that no longer applies, is a hole in the tests.
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** File, what stands there, what the mutant has instead. */
const MUTANTS = [
  ['netfilter/walk-hook.ts', "packet.connection === 'new' &&", 'true &&'],
  [
    'netfilter/walk-hook.ts',
    "if (base?.type === 'nat') return before.destination !== after.destination;",
    "if (base?.type === 'nat') return false;",
  ],
  ['netfilter/walk-hook.ts', 'placed.priority < CONNTRACK_PRIORITY', 'placed.priority > CONNTRACK_PRIORITY'],
  ['netfilter/base-chains.ts', 'left.priority - right.priority ||', 'right.priority - left.priority ||'],
  ['netfilter/run-chain.ts', "if (decision.kind === 'jump') return back;", 'return back;'],
  ['netfilter/run-chain.ts', 'place.returned.push(live);\n      return [];', 'return [live];'],
  [
    'netfilter/mapping.ts',
    'connectionStatus: [...packet.connectionStatus, kind]',
    'connectionStatus: packet.connectionStatus',
  ],
  ['netfilter/program.ts', "hasConnection(packet, scene) ? packet : { ...packet, connection: 'untracked' }", 'packet'],
  ['netfilter/iptables/targets.ts', '(((old & ~mask) >>> 0) ^ value) >>> 0', 'value >>> 0'],
  [
    'netfilter/iptables/values.ts',
    'return [Number(low ?? 0), Number(high ?? 65535)];',
    'return [Number(low ?? 1), Number(high ?? 1023)];',
  ],
  [
    'netfilter/iptables/matches.ts',
    'const neither = allOf([invertIf(true, left), invertIf(true, right)]);',
    'const neither = invertIf(true, left);',
  ],
  ['netfilter/nft/compare.ts', "op === '!=' ? (data) => negate(has(data)) : has", 'has'],
  ['netfilter/nft/sets.ts', 'datum >= low && datum <= high', 'datum > low && datum < high'],
  ['netfilter/ipset.ts', 'best !== null && !best.nomatch', 'best !== null'],
  ['routing/connection.ts', '({ ...packet, destination: source, destinationPort: sourcePort })', 'packet'],
  ['routing/connection.ts', "tcpFlags.includes('ACK') ? 'invalid' : 'new'", "'new'"],
  ['routing/walk-packet.ts', 'ttl: Math.max(leaving.ttl - 1, 1)', 'ttl: leaving.ttl'],
  ['routing/settings.ts', 'on: family === 6 ? all :', 'on: family === 6 ? true :'],
  ['routing/lookup-route.ts', 'one.priority - other.priority', 'other.priority - one.priority'],
  ['routing/tables.ts', 'one.route.metric - other.route.metric', 'other.route.metric - one.route.metric'],
  ['routing/reverse-path.ts', 'Math.max(settings.all, settings.device)', 'Math.min(settings.all, settings.device)'],
  ['routing/match-rule.ts', '((rule.mark ^ query.mark) & rule.markMask) === 0', 'rule.mark === query.mark'],
  ['netfilter/walk-hook.ts', "hook === 'postrouting' || priority <= 0 ? 'before' : 'after'", "'before'"],
  ['routing/frame-hooks.ts', 'now = { ...now, mark, source, destination };', ''],
  ['routing/walk-packet.ts', 'isRedirected && isRefusedAtOnce(routing)', 'false'],
  ['routing/bridge.ts', 'if (ingress?.isolated && port.isolated)', 'if (ingress?.isolated || port.isolated)'],
  ['routing/walk-bridged.ts', '? toBridge : headers', '? headers : headers'],
  ['routing/frame-hooks.ts', 'now = { ...now, isSpared: true };', 'now = { ...now };'],
  ['routing/reverse-path.ts', "iif !== 'lo' &&", 'true &&'],
  ['routing/walk-bridged.ts', ' || walk.steps.some(isRefusal)', ''],
];

/** What notices a mutant, in the order in which it is asked. */
const TESTS = {
  'the recorded cases': ['test/unit/conformance'],
  'unit tests': ['test/unit/netfilter', 'test/unit/routing'],
};

const fails = (folder, files) =>
  new Promise((resolve) => {
    const args = [
      'node_modules/vitest/vitest.mjs',
      'run',
      '--config',
      'test/vitest.config.ts',
      '--project',
      'unit',
      '--testTimeout=600000',
    ];
    spawn(process.execPath, [...args, ...files], { cwd: folder, stdio: 'ignore' }).on('close', (code) =>
      resolve(code !== 0),
    );
  });

const noticedBy = async (folder) => {
  for (const [who, files] of Object.entries(TESTS)) if (await fails(folder, files)) return who;
  return null;
};

const folder = mkdtempSync(join(tmpdir(), 'vethoscope-mutants-'));
try {
  for (const name of ['src', 'checks', 'test', 'fixtures', 'package.json', 'tsconfig.json'])
    cpSync(join(root, name), join(folder, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const sound = await noticedBy(folder);
  if (sound !== null) throw new Error(`${sound} fail without any mutant`);
  const counts = new Map();
  for (const [file, from, to] of MUTANTS) {
    const path = join(folder, 'src', file);
    const source = readFileSync(path, 'utf8');
    const applies = source.split(from).length === 2;
    if (applies)
      writeFileSync(
        path,
        source.replace(from, () => to),
      );
    const by = applies ? await noticedBy(folder) : null;
    const result = !applies ? 'DOES NOT APPLY' : by === null ? 'MISSED' : by;
    counts.set(result, (counts.get(result) ?? 0) + 1);
    process.stdout.write(`${result.padEnd(20)}${file}: ${to.split('\n')[0]}\n`);
    writeFileSync(path, source);
  }
  process.stdout.write(
    `${MUTANTS.length} mutants: ${[...counts].map(([name, count]) => `${count} ${name}`).join(', ')}\n`,
  );
  process.exitCode = counts.has('MISSED') || counts.has('DOES NOT APPLY') ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true });
}
