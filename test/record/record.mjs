// Records the evidence of a real trace for every fault and every healthy network of the lab, for the tests that need no
// network. Needs root and a built program.
//   node test/record/record.mjs [ID …]
//   node test/record/record.mjs --peer [ID …]   faults of an overlay, with what the other host saw: into fixtures/peer
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const program = fileURLToPath(new URL('../../dist/bin.cjs', import.meta.url));
const withPeer = process.argv[2] === '--peer';
const folder = fileURLToPath(new URL(`../../fixtures/${withPeer ? 'peer' : 'evidence'}/`, import.meta.url));

/** Read by no check and no walk of other flows: only that it was not kept is recorded. */
const unused = ({ traffic, flow }) => (traffic || flow.protocol === 'udp' ? [] : ['conntrack']);
const DROPPED = { ok: false, reason: 'not-collected', message: 'not kept in this recording', command: [], ms: 0 };

const home = mkdtempSync(join(tmpdir(), 'vethoscope-record-'));

const vethoscope = (...args) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    encoding: 'utf8',
    env: { ...process.env, XDG_STATE_HOME: home },
    maxBuffer: 256 * 1024 * 1024,
    timeout: 120_000,
  });
  return { status, stdout, stderr };
};

const documentOf = ({ stdout, stderr }) => {
  const start = stdout.indexOf('{');
  if (start < 0) throw new Error(stderr || stdout || 'no run document');
  return JSON.parse(stdout.slice(start));
};

const traceFault = (id) => documentOf(vethoscope('lab', 'run', id, '--json', '--no-save'));

const PEER = ['--peer', 'netns:node2'];

const traceNetwork = ({ id, target, destination }, broken = null) => {
  const up = vethoscope('lab', 'up', id);
  if (up.status !== 0) throw new Error(up.stderr);
  if (broken !== null) vethoscope('lab', 'break', broken);
  try {
    const more = withPeer ? PEER : [];
    const trace = [process.execPath, program, 'trace', target, destination, ...more, '--json', '--no-save'];
    return documentOf(vethoscope('lab', 'exec', '--', ...trace));
  } finally {
    vethoscope('lab', 'down', id);
  }
};

/** Counters that stand at 0 count as 0 where they are missing. */
const moved = (counters) =>
  counters?.ok
    ? { ...counters, value: Object.fromEntries(Object.entries(counters.value).filter(([, value]) => value !== 0)) }
    : counters;

/** Settings that stayed as they were are not recorded twice. */
const withoutSame = (after, before) =>
  Object.fromEntries(
    Object.entries(after).map(([netns, { sysctls, ...state }]) => [
      netns,
      JSON.stringify(sysctls?.value) === JSON.stringify(before[netns]?.sysctls?.value) ? state : { ...state, sysctls },
    ]),
  );

const slim = (states, dropped) =>
  Object.fromEntries(
    Object.entries(states).map(([netns, state]) => [
      netns,
      {
        ...state,
        ...Object.fromEntries(dropped.filter((name) => name in state).map((name) => [name, DROPPED])),
        ...('counters' in state ? { counters: moved(state.counters) } : {}),
      },
    ]),
  );

const save = (id, { evidence, diagnosis }) => {
  const kept = {
    ...evidence,
    hostname: 'prod-7',
    kernel: evidence.kernel.replace(/-.*/, ''),
    before: slim(evidence.before, unused(evidence)),
    after: slim(withoutSame(evidence.after, evidence.before), unused(evidence)),
  };
  const text = JSON.stringify(kept).replaceAll(dirname(program), '/usr/lib/vethoscope');
  const bytes = gzipSync(text, { level: 9 });
  writeFileSync(join(folder, `${id}.json.gz`), bytes);
  process.stdout.write(
    `${id.padEnd(32)} ${String(bytes.length).padStart(7)}  ${diagnosis.cause ?? diagnosis.status}\n`,
  );
};

const { faults, networks } = JSON.parse(vethoscope('lab', 'list', '--json').stdout);
const wanted = process.argv.slice(withPeer ? 3 : 2);
const isWanted = ({ id }) => wanted.length === 0 || wanted.includes(id);
mkdirSync(folder, { recursive: true });
try {
  for (const { id, topology } of faults.filter(isWanted)) {
    const network = networks.find((one) => one.id === topology);
    save(id, withPeer ? traceNetwork(network, id) : traceFault(id));
  }
  for (const network of networks.filter(isWanted)) save(network.id, traceNetwork(network));
} finally {
  vethoscope('lab', 'down', '--all');
  rmSync(home, { recursive: true, force: true });
}
