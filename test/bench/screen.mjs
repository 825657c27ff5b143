// The live screen against the text mode, in one run: when the first thing is shown, when the first capture and the first
// probe start; and a long watch: rate, resident memory, share of one processor. Needs a built program.
//   node test/bench/screen.mjs [--pairs N] [--minutes N] [--json]
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { insideLab, median, PROGRAM } from './support.mjs';

const { values } = parseArgs({
  options: {
    pairs: { type: 'string', default: '11' },
    minutes: { type: 'string', default: '10' },
    json: { type: 'boolean', default: false },
    inside: { type: 'boolean', default: false },
  },
});

/** Milliseconds by which the first frame may come after the first line of text; growth of memory after one minute. */
const AIMS = { firstFrameMs: 60, phaseMs: 30, memory: 1.2, rate: 9.5 };
const TICKS_PER_SECOND = 100;
const runs = join(process.env['XDG_STATE_HOME'] ?? '', 'vethoscope', 'runs');

/** The program in a terminal of its own; settles at the end with the time of the first output and the whole text. */
const inTerminal = (args, { onStart = () => {}, until } = {}) =>
  new Promise((resolve, reject) => {
    const line = `stty cols 100 rows 30; exec ${[process.execPath, PROGRAM, ...args].join(' ')}`;
    const started = performance.now();
    const child = spawn('script', ['-qfec', line, '/dev/null'], {
      env: { ...process.env, LC_ALL: 'C.UTF-8', TERM: 'xterm' },
    });
    let first = null;
    let text = '';
    child.stdout.on('data', (chunk) => {
      first ??= performance.now() - started;
      text = (text + chunk).slice(-200_000);
      if (until?.test(text)) {
        until = undefined;
        child.stdin.write('q');
      }
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ firstMs: first, text, code }));
    onStart(child);
  });

/** Milliseconds from the start of a run to its captures and to its probe, of the one run that is stored. */
const phases = () => {
  const [file] = readdirSync(runs).filter((name) => name.endsWith('.json'));
  const { phasesMs } = JSON.parse(readFileSync(join(runs, file), 'utf8')).run;
  rmSync(runs, { recursive: true });
  const listen = phasesMs.resolve + phasesMs.discover;
  return { listen, probe: listen + phasesMs.listen };
};

const traced = async (flags, until) => {
  const { firstMs, code, text } = await inTerminal(['trace', 'net1', '203.0.113.5', ...flags], { until });
  if (code !== 0) throw new Error(`the trace ended with ${code}\n${text}`);
  return { firstMs, ...phases() };
};

const compare = async (pairs) => {
  const samples = [];
  const [screen, text] = [() => traced([], /done/), () => traced(['--no-tui'])];
  await screen();
  await text();
  for (let index = 0; index < pairs; index += 1) {
    if (index % 2 === 0) {
      const one = await screen();
      samples.push({ screen: one, text: await text() });
    } else {
      const one = await text();
      samples.push({ text: one, screen: await screen() });
    }
  }
  const of = (mode, field) => median(samples.map((sample) => sample[mode][field]));
  const later = (field) => median(samples.map(({ screen: on, text: off }) => on[field] - off[field]));
  const row = (field) => ({ screenMs: of('screen', field), textMs: of('text', field), laterMs: later(field) });
  return { firstShown: row('firstMs'), captures: row('listen'), probe: row('probe') };
};

const children = (pid) => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);

const residentMb = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;

/** Seconds of processor time of a process and of its children that have ended. */
const processorSeconds = (pid) => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  const [own, ended] = [
    [11, 12],
    [13, 14],
  ].map((at) => at.reduce((sum, index) => sum + Number(fields[index]), 0));
  return { own: own / TICKS_PER_SECOND, all: (own + ended) / TICKS_PER_SECOND };
};

const longWatch = async (minutes) => {
  const memory = [];
  let used = null;
  const follow = async (child) => {
    await sleep(1500);
    const [pid] = children(child.pid);
    for (let minute = 0; minute < minutes; minute += 1) {
      await sleep(60_000);
      memory.push(residentMb(pid));
    }
    used = processorSeconds(pid);
    child.stdin.write('q');
  };
  const watch = ['watch', 'net1', '203.0.113.5', '--interval', '100ms', '--max-duration', '1h'];
  const { text } = await inTerminal(watch, { onStart: (child) => void follow(child) });
  const [, answered, sent] = /(\d+) of (\d+) probes answered/.exec(text).map(Number);
  const seconds = minutes * 60 + 1.5;
  return {
    minutes,
    sent,
    answered,
    perSecond: sent / seconds,
    memoryMb: memory,
    growth: memory.at(-1) / memory[0],
    processor: { own: used.own / seconds, withTools: used.all / seconds },
  };
};

const show = ({ firstShown, captures, probe, watch }) => {
  const row = (name, { screenMs, textMs, laterMs }, aim) =>
    `${name.padEnd(22)} ${screenMs.toFixed(0).padStart(6)} ms ${textMs.toFixed(0).padStart(6)} ms ${laterMs.toFixed(0).padStart(6)} ms  aim ${aim} ms ${laterMs <= aim ? 'ok' : 'over'}`;
  const lines = [
    `                       screen    text      later   (medians of ${values.pairs} pairs)`,
    row('first shown', firstShown, AIMS.firstFrameMs),
    row('captures start after', captures, AIMS.phaseMs),
    row('probe sent after', probe, AIMS.phaseMs),
  ];
  if (watch)
    lines.push(
      '',
      `watch of ${watch.minutes} min at 10/s: ${watch.perSecond.toFixed(1)} probes/s ${watch.perSecond >= AIMS.rate ? 'ok' : 'under'}, ${watch.answered} of ${watch.sent} answered`,
      `resident memory: ${watch.memoryMb.map((mb) => mb.toFixed(0)).join(' ')} MB by minute; last / first ${watch.growth.toFixed(2)}, aim ${AIMS.memory} ${watch.growth <= AIMS.memory ? 'ok' : 'over'}`,
      `processor: ${(watch.processor.own * 100).toFixed(0)} % of one, ${(watch.processor.withTools * 100).toFixed(0)} % with the tools it runs`,
    );
  return `${lines.join('\n')}\n`;
};

if (values.inside) {
  const minutes = Number(values.minutes);
  const results = { ...(await compare(Number(values.pairs))), watch: minutes > 0 ? await longWatch(minutes) : null };
  process.stdout.write(values.json ? `${JSON.stringify(results)}\n` : show(results));
} else {
  const flags = ['--inside', '--pairs', values.pairs, '--minutes', values.minutes, ...(values.json ? ['--json'] : [])];
  process.stdout.write(insideLab(fileURLToPath(import.meta.url), flags));
}
