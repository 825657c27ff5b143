// Whole-process time of a trace, healthy and broken, as a ratio to baseline.sh in the same run. Needs a built program,
// and iperf3.
//   node test/bench/bench.mjs [--pairs N] [--json]
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { kubeProxySave } from './kube-proxy-rules.mjs';
import { insideLab, median, must, PROGRAM } from './support.mjs';

const own = fileURLToPath(import.meta.url);
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
const SECOND_MS = 1000;
const WINDOW_MS = 4000;
const CONTAINERS = 1000;
const SERVICES = 10_000;

const milliseconds = (argv, allowed) => {
  const started = performance.now();
  const { status, stderr } = spawnSync(argv[0], argv.slice(1), { encoding: 'utf8' });
  const ms = performance.now() - started;
  if (!allowed.includes(status)) throw new Error(`${argv.join(' ')} ended with ${status}\n${stderr}`);
  return ms;
};

/** Pairs are taken in turn, now one first, now the other, so that the machine's moods hit both alike. */
const compare = (pairs, exitCode) => {
  const trace = () => milliseconds([process.execPath, PROGRAM, 'trace', 'net1', '203.0.113.5'], [exitCode]);
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
    milliseconds([process.execPath, PROGRAM, 'trace', 'net1', '203.0.113.5'], [3, 5]),
  );
  must([...drop, '-D', 'INPUT', '-p', 'icmp', '-j', 'DROP']);
  const traceMs = median(samples);
  return { traceMs, baselineMs: TIMEOUT_MS + SPARE_MS, ratio: traceMs / (TIMEOUT_MS + SPARE_MS) };
};

/** Peak of the resident memory of a plain trace, in MB, as the kernel counts it. */
const memory = () =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [PROGRAM, 'trace', 'net1', '203.0.113.5'], { stdio: 'ignore' });
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

const IPERF_PORT = '5201';

/** Bytes that the host has sent at its uplink. */
const sentBytes = () => {
  const [, counters = ''] = /^ *eth0:(.*)$/m.exec(readFileSync('/proc/net/dev', 'utf8')) ?? [];
  return Number(counters.trim().split(/\s+/)[8]);
};

/** Milliseconds that the processors were idle since the start, and all. */
const processorTimes = () => {
  const times = cpus().map((cpu) => cpu.times);
  return {
    idle: times.reduce((sum, { idle }) => sum + idle, 0),
    all: times.reduce((sum, each) => sum + Object.values(each).reduce((one, other) => one + other, 0), 0),
  };
};

/** What a busy container sends, for a second or until a trace that was started in it has ended. */
const sending = async (traced) => {
  const [started, bytes, before] = [performance.now(), sentBytes(), processorTimes()];
  const child = traced ? spawn(process.execPath, [PROGRAM, 'trace', 'net1', '203.0.113.5'], { stdio: 'ignore' }) : null;
  await sleep(SECOND_MS);
  if (child && child.exitCode === null) await once(child, 'exit');
  if (child && child.exitCode !== 0) throw new Error(`the trace beside iperf3 ended with ${child.exitCode}`);
  const [ms, after] = [performance.now() - started, processorTimes()];
  return { ms, rate: (sentBytes() - bytes) / ms, idleShare: (after.idle - before.idle) / (after.all - before.all) };
};

/** A second with a trace and one without, in either order. */
const besidePlain = async (tracedFirst) => {
  const first = await sending(tracedFirst);
  const second = await sending(!tracedFirst);
  const [plain, traced] = tracedFirst ? [second, first] : [first, second];
  return { plain, share: ((plain.rate - traced.rate) * traced.ms) / (plain.rate * WINDOW_MS) };
};

/**
 * Bytes that a container at iperf3's full rate loses to one trace, as a share of what it sends in a window of some seconds.
 * They are counted in a second with a trace beside one without, now one first, now the other: the rate of a whole window
 * varies more by itself than a trace takes from it.
 */
const throughput = async (pairs) => {
  must(['iperf3', '--version']);
  const iperf3 = (netns, ...args) => {
    const child = spawn('nsenter', [`--net=/run/netns/${netns}`, '--', 'iperf3', '--forceflush', ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child.stdout.resume();
    return child;
  };
  const server = iperf3('outside', '-s', '-1', '-B', '203.0.113.5', '-p', IPERF_PORT);
  await once(server.stdout, 'data');
  const client = iperf3('net1', '-c', '203.0.113.5', '-p', IPERF_PORT, '-t', '3600');
  const samples = [];
  try {
    await once(client.stdout, 'data');
    await sleep(SECOND_MS);
    for (let index = 0; index < pairs; index += 1) samples.push(await besidePlain(index % 2 === 1));
  } finally {
    client.kill('SIGKILL');
    server.kill('SIGKILL');
  }
  return {
    lostShare: median(samples.map(({ share }) => share)),
    gbitPerSecond: median(samples.map(({ plain }) => (plain.rate * 8) / 1e6)),
    idleShare: median(samples.map(({ plain }) => plain.idleShare)),
    windowMs: WINDOW_MS,
  };
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
      [process.execPath, PROGRAM, 'trace', 'net1', '203.0.113.5', '--timeout', '120s'],
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
  const busy = await throughput(4 * pairs);
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
      `of ${busy.gbitPerSecond.toFixed(1)} Gbit/s in ${busy.windowMs / 1000} s, ${(busy.idleShare * 100).toFixed(0)} % idle`,
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

if (values.inside) {
  const pairs = Number(values.pairs);
  const results = await measure(pairs);
  process.stdout.write(values.json ? `${JSON.stringify({ pairs, ...results })}\n` : show(results, pairs));
} else {
  const flags = ['--inside', '--pairs', values.pairs, ...(values.json ? ['--json'] : [])];
  process.stdout.write(insideLab(own, flags));
}
