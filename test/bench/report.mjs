// The report of a run on a host with 70,000 rules: how long each format takes beside the trace, and how large the HTML
// is. In one run; needs root and a built program.
//   node test/bench/report.mjs [--json]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { kubeProxySave } from './kube-proxy-rules.mjs';
import { insideLab, must, PROGRAM } from './support.mjs';

const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, inside: { type: 'boolean', default: false } },
});

/** Seconds that a report may take, and bytes of its HTML. */
const AIMS = { seconds: 2, htmlBytes: 1.5e6 };
const SERVICES = 10_000;
const FORMATS = ['html', 'md', 'json', 'bundle'];

const timed = (args, allowed = [0]) => {
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  });
  if (!allowed.includes(status)) throw new Error(`${args.join(' ')} ended with ${status}\n${stderr}`);
  return { seconds: (performance.now() - started) / 1000, stdout };
};

const measure = () => {
  const folder = mkdtempSync(join(tmpdir(), 'vethoscope-bench-'));
  try {
    writeFileSync(join(folder, 'rules'), kubeProxySave(SERVICES));
    must(['iptables-legacy-restore', '-n', join(folder, 'rules')]);
    const trace = timed(['trace', 'net1', '203.0.113.5', '-o', 'json']);
    const { id } = JSON.parse(trace.stdout).run;
    const reports = FORMATS.map((format) => {
      const out = join(folder, format);
      const { seconds } = timed(['report', id, '-o', format, '--output-dir', out]);
      const bytes = readdirSync(out).reduce((sum, name) => sum + statSync(join(out, name)).size, 0);
      return { format, seconds, bytes };
    });
    return { traceSeconds: trace.seconds, reports };
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const show = ({ traceSeconds, reports }) =>
  [
    `trace ${traceSeconds.toFixed(2)} s`,
    ...reports.map(({ format, seconds, bytes }) => {
      const ok = seconds <= AIMS.seconds && (format !== 'html' || bytes <= AIMS.htmlBytes);
      return `${format.padEnd(6)} ${seconds.toFixed(2)} s, ${(bytes / 1e6).toFixed(2)} MB ${ok ? 'ok' : 'over'}`;
    }),
    '',
  ].join('\n');

if (values.inside) {
  const results = measure();
  process.stdout.write(values.json ? `${JSON.stringify(results)}\n` : show(results));
} else {
  process.stdout.write(insideLab(fileURLToPath(import.meta.url), ['--inside', ...(values.json ? ['--json'] : [])]));
}
