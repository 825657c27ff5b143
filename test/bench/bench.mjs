// Whole-process time of a trace, healthy and broken, as a ratio to baseline.sh in the same run. Needs a built program.
//   node test/bench/bench.mjs [--pairs N] [--json]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const own = fileURLToPath(import.meta.url);
const program = fileURLToPath(new URL('../../dist/bin.js', import.meta.url));
const baseline = fileURLToPath(new URL('./baseline.sh', import.meta.url));

const { values } = parseArgs({
  options: {
    pairs: { type: 'string', default: '15' },
    json: { type: 'boolean', default: false },
    inside: { type: 'boolean', default: false },
  },
});

/** What the ratios should not exceed. */
const AIMS = { healthy: 3.0, broken: 1.2 };

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

const measure = (pairs) => {
  const healthy = compare(pairs, 0);
  must(['sysctl', '-qw', 'net.ipv4.ip_forward=0']);
  return { healthy, broken: compare(pairs, 3) };
};

const show = (results, pairs) => {
  const lines = Object.entries(results).map(([name, { traceMs, baselineMs, ratio }]) =>
    [
      name.padEnd(8),
      `${traceMs.toFixed(0)} ms`.padStart(8),
      `${baselineMs.toFixed(0)} ms`.padStart(9),
      ratio.toFixed(2).padStart(6),
      `aim ${AIMS[name].toFixed(1)}`.padStart(8),
      ratio <= AIMS[name] ? ' ok' : ' over',
    ].join(' '),
  );
  return [`            trace  by hand  ratio   (medians of ${pairs} pairs)`, ...lines, ''].join('\n');
};

const outside = () => {
  const state = mkdtempSync(join(tmpdir(), 'vethoscope-bench-'));
  const env = { ...process.env, XDG_STATE_HOME: state };
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
  const results = measure(pairs);
  process.stdout.write(values.json ? `${JSON.stringify({ pairs, ...results })}\n` : show(results, pairs));
} else {
  outside();
}
