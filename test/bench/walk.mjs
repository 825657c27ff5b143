// Parse and one walk of a large host against the commands that dump it, in private namespaces. Needs root and a built
// program: node test/bench/walk.mjs [--json]
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { kubeProxySave } from './kube-proxy-rules.mjs';

const SERVICES = 10_000;
const own = fileURLToPath(import.meta.url);

const inside = (folder) => {
  const timed = (argv, name) => {
    const started = performance.now();
    const output = execFileSync(argv[0], argv.slice(1), { maxBuffer: 1 << 28 });
    const ms = performance.now() - started;
    writeFileSync(join(folder, name), output);
    return Math.round(ms);
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
  const legacyTotal = spawnSync('iptables-legacy-restore', { input: '*nat\nCOMMIT\n' });
  execFileSync('iptables-nft-restore', [join(folder, 'save')]);
  const nft = timed(['iptables-nft-save', '-c'], 'nft');
  process.stdout.write(JSON.stringify({ legacy, routes, nft, status: legacyTotal.status }));
};

const measure = (folder) => {
  const script = `
    import { readFileSync } from 'node:fs';
    import { stateFrom, walk } from ${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)};
    const text = (name) => readFileSync(${JSON.stringify(folder)} + '/' + name, 'utf8');
    const packet = (n) => ({ protocol: 'tcp', source: '10.244.3.4', destination: '10.96.' + (n >> 8) + '.' + (n & 255), destinationPort: 80, iif: 'eth0' });
    const name = process.argv[1];
    const dumps = { [name === 'legacy' ? 'iptablesLegacy' : 'iptables']: text(name), routes: text('routes') };
    const started = performance.now();
    const { state } = stateFrom(dumps);
    const parsed = performance.now();
    const first = walk(state, packet(9_999));
    const walked = performance.now();
    const again = [];
    for (let n = 0; n < 20; n += 1) { const at = performance.now(); walk(state, packet(9_980 + n)); again.push(performance.now() - at); }
    again.sort((a, b) => a - b);
    console.log(JSON.stringify({ parseMs: parsed - started, firstMs: walked - parsed, againMs: again[10], rssMB: process.memoryUsage.rss() / 1e6, peakMB: process.resourceUsage().maxRSS / 1e3, verdict: first.verdict }));`;
  return (name) =>
    JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', script, name], { encoding: 'utf8' }));
};

if (process.argv[2] === '--inside') inside(process.argv[3]);
else {
  const folder = mkdtempSync(join(tmpdir(), 'vethoscope-bench-'));
  try {
    writeFileSync(join(folder, 'save'), kubeProxySave(SERVICES));
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
    };
    process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
