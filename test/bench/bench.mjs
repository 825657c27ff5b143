// Whole-process time of a trace, healthy and broken, as a ratio to baseline.sh in the same run. Needs a built program.
//   node test/bench/bench.mjs [--pairs N] [--json]
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, loadavg, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { kubeProxySave } from './kube-proxy-rules.mjs';

const own = fileURLToPath(import.meta.url);
const program = fileURLToPath(new URL('../../dist/bin.cjs', import.meta.url));
const baseline = fileURLToPath(new URL('./baseline.sh', import.meta.url));

const { values } = parseArgs({
  options: {
    pairs: { type: 'string', default: '15' },
    json: { type: 'boolean', default: false },
    inside: { type: 'boolean', default: false },
  },
});

/** What the figures should not exceed. */
const AIMS = { healthy: 2.0, broken: 0.35, noAnswer: 1, crowded: 1.3, lostShare: 0.02, memoryMb: 120 };

const TIMEOUT_MS = 1000;
const SPARE_MS = 500;
const WINDOW_MS = 4000;
const CONTAINERS = 1000;
const SERVICES = 10_000;

const run = (argv, options = {}) => {
  const [file, ...args] = argv;
  return spawnSync(file, args, { encoding: 'utf8', ...options });
};

const must = (argv, options) => {
  const result = run(argv, options);
  if (result.status === 0) return result.stdout;
  throw new Error(`${argv.join(' ')} ended with ${result.status ?? result.signal}\n${result.stderr ?? ''}`);
};

const milliseconds = (argv, allowed) => {
  const started = performance.now();
  const { status, stderr } = run(argv);
  const ms = performance.now() - started;
  if (!allowed.includes(status)) throw new Error(`${argv.join(' ')} ended with ${status}\n${stderr}`);
  return ms;
};

const median = (numbers) => {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/** Pairs are taken in turn, now one first, now the other, so that the machine's moods hit both alike. */
const compare = (pairs, exitCode) => {
  const trace = () => milliseconds([process.execPath, program, 'trace', 'net1', '203.0.113.5'], [exitCode]);
  const byHand = () => milliseconds(['bash', baseline], [0]);
  trace();
  byHand();
  const samples = Array.from({ length: pairs }, (_, index) => {
    if (index % 2 === 0) {
      const ms = trace();
      return { trace: ms, baseline: byHand() };
    }
    const ms = byHand();
    return { baseline: ms, trace: trace() };
  });
  return {
    traceMs: median(samples.map((sample) => sample.trace)),
    baselineMs: median(samples.map((sample) => sample.baseline)),
    ratio: median(samples.map((sample) => sample.trace / sample.baseline)),
  };
};

/** No answer from outside: the time-out is waited for, and what comes on top of it counts. */
const withoutAnswer = (pairs) => {
  const drop = ['nsenter', '--net=/run/netns/outside', '--', 'iptables'];
  must([...drop, '-A', 'INPUT', '-p', 'icmp', '-j', 'DROP']);
  const samples = Array.from({ length: pairs }, () =>
    milliseconds([process.execPath, program, 'trace', 'net1', '203.0.113.5'], [3, 5]),
  );
  must([...drop, '-D', 'INPUT', '-p', 'icmp', '-j', 'DROP']);
  const traceMs = median(samples);
  return { traceMs, baselineMs: TIMEOUT_MS + SPARE_MS, ratio: traceMs / (TIMEOUT_MS + SPARE_MS) };
};

/** Peak of the resident memory of a plain trace, in MB, as the kernel counts it. */
const memory = () =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [program, 'trace', 'net1', '203.0.113.5'], { stdio: 'ignore' });
    let peakKb = 0;
    const timer = setInterval(() => {
      try {
        const [, kb = '0'] = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8')) ?? [];
        peakKb = Math.max(peakKb, Number(kb));
      } catch {
        // It has ended.
      }
    }, 5);
    child.on('exit', () => {
      clearInterval(timer);
      resolve(peakKb / 1024);
    });
  });

const SINK = `require('node:net').createServer((socket) => socket.resume()).listen(5201, '203.0.113.5', () => console.log('ready'))`;
/** Sends as fast as it goes, and prints how many bytes the other end has taken, each 100 ms. */
const SOURCE = `
const socket = require('node:net').connect(5201, '203.0.113.5');
const block = Buffer.alloc(1 << 18);
const push = () => { while (socket.write(block)); };
socket.on('drain', push).once('connect', push);
setInterval(() => console.log(socket.bytesWritten - socket.writableLength), 100);`;

/** Share of the throughput of a busy container that is lost while it is traced, in pairs of windows. */
const throughput = async (pairs) => {
  const inside = (netns, script) =>
    spawn('nsenter', [`--net=/run/netns/${netns}`, '--', process.execPath, '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  const sink = inside('outside', SINK);
  await once(sink.stdout, 'data');
  const source = inside('net1', SOURCE);
  let sent = 0;
  source.stdout.on('data', (chunk) => {
    sent = Number(`${chunk}`.trim().split('\n').at(-1));
  });
  const window = async (traced) => {
    const before = sent;
    const child = traced
      ? spawn(process.execPath, [program, 'trace', 'net1', '203.0.113.5'], { stdio: 'ignore' })
      : null;
    await sleep(WINDOW_MS);
    if (child && child.exitCode === null) await once(child, 'exit');
    return sent - before;
  };
  await sleep(1000);
  const losses = [];
  const rates = [];
  for (let index = 0; index < pairs; index += 1) {
    const plain = await window(false);
    const traced = await window(true);
    losses.push(1 - traced / plain);
    rates.push((plain * 8) / WINDOW_MS / 1e6);
  }
  source.kill('SIGKILL');
  sink.kill('SIGKILL');
  return { lostShare: median(losses), gbitPerSecond: median(rates), windowMs: WINDOW_MS };
};

/** A host with a thousand containers on a bridge and 70,000 rules, against the slowest of the dumps that the diagnosis needs. */
const crowded = (pairs) => {
  const containers = Array.from({ length: CONTAINERS }, (_, index) => [
    `netns add crowd${index}`,
    `link add cv${index} type veth peer name eth0 netns crowd${index}`,
    `link set cv${index} master crowd up`,
  ]);
  must(['ip', '-batch', '-'], { input: ['link add crowd type bridge', ...containers.flat()].join('\n') });
  must(['iptables-restore', '--noflush'], { input: kubeProxySave(SERVICES) });
  const dumps = [
    ['iptables-nft-save', '-c'],
    ['nft', '-j', 'list', 'ruleset'],
    ['ip', '-j', '-d', '-s', 'link', 'show'],
  ];
  const timeOf = (argv) => {
    const started = performance.now();
    spawnSync(argv[0], argv.slice(1), { stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 1 << 30 });
    return performance.now() - started;
  };
  const samples = Array.from({ length: pairs }, () => {
    const slowest = Math.max(...dumps.map(timeOf));
    const traceMs = milliseconds(
      [process.execPath, program, 'trace', 'net1', '203.0.113.5', '--timeout', '120s'],
      [0, 3, 5],
    );
    return { traceMs, baselineMs: slowest };
  });
  return {
    traceMs: median(samples.map(({ traceMs }) => traceMs)),
    baselineMs: median(samples.map(({ baselineMs }) => baselineMs)),
    ratio: median(samples.map(({ traceMs, baselineMs }) => traceMs / baselineMs)),
  };
};

const measure = async (pairs) => {
  const few = Math.max(3, Math.ceil(pairs / 3));
  const healthy = compare(pairs, 0);
  must(['sysctl', '-qw', 'net.ipv4.ip_forward=0']);
  const broken = compare(pairs, 3);
  must(['sysctl', '-qw', 'net.ipv4.ip_forward=1']);
  const noAnswer = withoutAnswer(few);
  const memoryMb = await memory();
  const busy = await throughput(pairs);
  return { healthy, broken, noAnswer, memoryMb, throughput: busy, crowded: crowded(Math.ceil(pairs / 5)) };
};

/** One line for each, as the README's table has it. */
const rowsOf = ({ healthy, broken, noAnswer, memoryMb, throughput: busy, crowded: crowd }) => {
  const ms = (number) => `${number.toFixed(0)} ms`;
  const ratio = (what, against, of, aim) => [
    what,
    ms(of.traceMs),
    `${against} ${ms(of.baselineMs)}`,
    of.ratio.toFixed(2),
    aim,
    of.ratio <= aim,
  ];
  return [
    ratio('healthy path', 'by hand', healthy, AIMS.healthy),
    ratio('broken path, a local drop', 'by hand', broken, AIMS.broken),
    ratio('no answer from outside', 'time-out and 0.5 s:', noAnswer, AIMS.noAnswer),
    ratio('1,000 containers, 70,000 rules', 'slowest dump', crowd, AIMS.crowded),
    [
      'throughput lost by a busy container',
      `${(busy.lostShare * 100).toFixed(1)} %`,
      `of ${busy.gbitPerSecond.toFixed(1)} Gbit/s in ${busy.windowMs / 1000} s`,
      busy.lostShare.toFixed(3),
      AIMS.lostShare,
      busy.lostShare <= AIMS.lostShare,
    ],
    [
      'memory of a plain trace, peak',
      `${memoryMb.toFixed(0)} MB`,
      '',
      memoryMb.toFixed(0),
      AIMS.memoryMb,
      memoryMb <= AIMS.memoryMb,
    ],
  ];
};

const show = (results, pairs) => {
  const lines = rowsOf(results).map(
    ([what, value, against, figure, aim, ok]) =>
      `| ${what} | ${value} | ${against} | ${figure} | ${aim} | ${ok ? 'reached' : 'not reached'} |`,
  );
  return [
    `Medians of ${pairs} pairs, ${cpus().length} processors (${cpus()[0]?.model ?? '?'}), Linux ${release()}, load ${loadavg()[0].toFixed(1)}:`,
    '',
    '| | trace | against | figure | aim | |',
    '|---|---|---|---|---|---|',
    ...lines,
    '',
  ].join('\n');
};

const outside = () => {
  const state = mkdtempSync(join(tmpdir(), 'vethoscope-bench-'));
  // Where it is set, every start of Node parses some hundred certificates, which takes twice as long as all else of it.
  const { NODE_EXTRA_CA_CERTS: _, ...environment } = process.env;
  const env = { ...environment, XDG_STATE_HOME: state };
  const vethoscope = [process.execPath, program];
  try {
    must([...vethoscope, 'lab', 'up', 'textbook'], { env });
    const flags = ['--inside', '--pairs', values.pairs, ...(values.json ? ['--json'] : [])];
    process.stdout.write(must([...vethoscope, 'lab', 'exec', '--', process.execPath, own, ...flags], { env }));
  } finally {
    run([...vethoscope, 'lab', 'down', '--all'], { env });
    rmSync(state, { recursive: true, force: true });
  }
};

if (values.inside) {
  const pairs = Number(values.pairs);
  const results = await measure(pairs);
  process.stdout.write(values.json ? `${JSON.stringify({ pairs, ...results })}\n` : show(results, pairs));
} else {
  outside();
}
