// Parse and one walk of a large host against the commands that dump it, in private namespaces. Needs root and a built
// program: node test/bench/walk.mjs [--json]
import { execFileSync } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { kubeProxySave } from './kube-proxy-rules.mjs';

const SERVICES = 10_000;
/** A busy machine makes single runs say little. */
const RUNS = 5;
const own = fileURLToPath(import.meta.url);

const median = (numbers) => numbers.sort((one, other) => one - other)[numbers.length >> 1];

/** Runs a command and writes to descriptor 3 how many seconds of processor time it took. */
const CLOCKED = 'TIMEFORMAT="%U %S"; { time "$0" "$@" 2>/dev/null; } 2>&3';

const inside = (folder) => {
  const timed = (argv, name, runs = RUNS) => {
    const times = Array.from({ length: runs }, () => {
      const started = performance.now();
      const output = execFileSync('bash', ['-c', CLOCKED, ...argv], {
        maxBuffer: 1 << 28,
        stdio: ['ignore', 'pipe', 'ignore', openSync(join(folder, 'cpu'), 'w')],
      });
      const ms = performance.now() - started;
      writeFileSync(join(folder, name), output);
      const [user, system] = readFileSync(join(folder, 'cpu'), 'utf8').trim().split(' ').map(Number);
      return { ms, cpuMs: 1000 * (user + system) };
    });
    return {
      ms: Math.round(median(times.map(({ ms }) => ms))),
      cpuMs: Math.round(median(times.map(({ cpuMs }) => cpuMs))),
    };
  };
  execFileSync('bash', [
    '-c',
    `ip link set lo up; ip link add eth0 type veth peer name peer0; ip link set peer0 up; ip addr add 198.51.100.10/24 dev eth0; ip link set eth0 up;
    for ((i = 0; i < 10000; i += 1)); do echo "route add 10.$((100 + i / 65536)).$((i / 256 % 256)).$((i % 256))/32 dev eth0"; done | ip -batch -;
    ip route add default via 198.51.100.1`,
  ]);
  execFileSync('iptables-legacy-restore', [join(folder, 'save')]);
  const legacy = timed(['iptables-legacy-save', '-c'], 'legacy');
  const routes = timed(['ip', '-j', '-d', 'route', 'show', 'table', 'all'], 'routes');
  execFileSync('iptables-legacy-restore', [join(folder, 'empty')]);
  execFileSync('iptables-nft-restore', [join(folder, 'save')]);
  const nft = timed(['iptables-nft-save', '-c'], 'nft', 1);
  const json = timed(['nft', '-j', 'list', 'ruleset'], 'json', 1);
  process.stdout.write(JSON.stringify({ legacy, routes, nft, json }));
};

const KEYS = ['parseMs', 'parseCpuMs', 'firstMs', 'firstCpuMs', 'againMs', 'againCpuMs', 'rssMB', 'peakMB'];

const measure = (folder) => {
  const script = `
    import { readFileSync } from 'node:fs';
    import { stateFrom, walk } from ${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)};
    const text = (name) => readFileSync(${JSON.stringify(folder)} + '/' + name, 'utf8');
    const packet = (n) => ({ protocol: 'tcp', source: '10.244.3.4', destination: '10.96.' + (n >> 8) + '.' + (n & 255), destinationPort: 80, iif: 'eth0' });
    const name = process.argv[1];
    const given = { legacy: () => ({ iptablesLegacy: text('legacy') }), nft: () => ({ iptables: text('nft') }), both: () => ({ iptables: text('nft'), nft: text('json') }) };
    const dumps = { ...given[name](), routes: text('routes') };
    const cpuMs = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1e3; };
    const now = () => ({ ms: performance.now(), cpuMs: cpuMs() });
    const started = now();
    const { state } = stateFrom(dumps);
    const parsed = now();
    const first = walk(state, packet(9_999));
    const walked = now();
    const again = [];
    for (let n = 0; n < 20; n += 1) { const at = now(); walk(state, packet(9_980 + n)); const end = now(); again.push({ ms: end.ms - at.ms, cpuMs: end.cpuMs - at.cpuMs }); }
    const middle = (key) => again.map((one) => one[key]).sort((a, b) => a - b)[10];
    console.log(JSON.stringify({ parseMs: parsed.ms - started.ms, parseCpuMs: parsed.cpuMs - started.cpuMs, firstMs: walked.ms - parsed.ms, firstCpuMs: walked.cpuMs - parsed.cpuMs, againMs: middle('ms'), againCpuMs: middle('cpuMs'), rssMB: process.memoryUsage.rss() / 1e6, peakMB: process.resourceUsage().maxRSS / 1e3, verdict: first.verdict }));`;
  const once = (name) =>
    JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', script, name], { encoding: 'utf8' }));
  return (name) => {
    const runs = Array.from({ length: RUNS }, () => once(name));
    const middle = (key) => Number(median(runs.map((run) => run[key])).toFixed(1));
    return {
      ...Object.fromEntries(KEYS.map((key) => [key, middle(key)])),
      verdict: runs[0].verdict,
    };
  };
};

if (process.argv[2] === '--inside') inside(process.argv[3]);
else {
  const folder = mkdtempSync(join(tmpdir(), 'vethoscope-bench-'));
  try {
    writeFileSync(join(folder, 'save'), kubeProxySave(SERVICES));
    writeFileSync(join(folder, 'empty'), '*nat\nCOMMIT\n');
    const dumps = JSON.parse(
      execFileSync('unshare', ['-n', '-m', process.execPath, own, '--inside', folder], { encoding: 'utf8' }),
    );
    const at = measure(folder);
    const result = {
      rules: readFileSync(join(folder, 'legacy'), 'utf8')
        .split('\n')
        .filter((line) => line.includes('-A ')).length,
      dumps,
      legacy: at('legacy'),
      nft: at('nft'),
      both: at('both'),
    };
    process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
