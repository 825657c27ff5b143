// npm run bench:list [-- --containers N]: `vethoscope list` beside a real dockerd with many containers, as a ratio to the sum
// of the raw dumps that it needs, run one after the other. Needs root, Docker and a built program.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median, PROGRAM } from './support.mjs';

const { values } = parseArgs({
  options: {
    containers: { type: 'string', default: '200' },
    pairs: { type: 'string', default: '5' },
    inside: { type: 'boolean', default: false },
  },
});
const COUNT = Number(values.containers);
/** What the ratio should not exceed. */
const AIM = 1.5;
const FORMAT =
  '{{.State.Pid}} {{json .Id}}{{json .Name}}{{json .NetworkSettings.Networks}}{{json .NetworkSettings.Ports}}';

const output = ([file, ...args]) => execFileSync(file, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
const timed = (work) => {
  const started = performance.now();
  const result = work();
  return { ms: performance.now() - started, result };
};

const start = (index) =>
  output([
    ...['docker', 'run', '--detach', '--name', `c${index}`, '--publish', `${20_000 + index}:80`],
    ...['busybox:lab', 'sleep', '86400'],
  ]);

const dumps = () => {
  const ids = output(['docker', 'ps', '--quiet', '--no-trunc']).trim().split('\n');
  output(['docker', 'network', 'ls']);
  const inspected = output(['docker', 'inspect', '--format', FORMAT, ...ids])
    .trim()
    .split('\n');
  output(['lsns', '-t', 'net', '-J', '-o', 'NS,NETNSID,PID']);
  output(['ip', '-j', 'netns', 'list']);
  output(['ip', '-j', '-d', '-s', 'link', 'show']);
  for (const line of inspected)
    output(['nsenter', `--net=/proc/${line.split(' ', 1)}/ns/net`, '--', 'ip', '-j', 'address', 'show']);
};

const list = () => {
  const { containers } = JSON.parse(output([process.execPath, PROGRAM, 'list', '-o', 'json']));
  const whole = containers.filter(
    ({ runtime, addresses, veth, bridge, ports }) =>
      runtime === 'docker' && addresses.length > 0 && veth.length === 1 && bridge[0] === 'docker0' && ports.length > 0,
  );
  if (whole.length !== COUNT) throw new Error(`list shows ${whole.length} of ${COUNT} containers wholly`);
};

/** Pairs are taken in turn, now one first, now the other, so that the machine's moods hit both alike. */
const pair = (index) => {
  const [first, second] = index % 2 === 0 ? [list, dumps] : [dumps, list];
  const times = new Map([first, second].map((work) => [work, timed(work).ms]));
  return { listMs: times.get(list), dumpsMs: times.get(dumps) };
};

const inside = () => {
  for (let index = 0; index < COUNT; index += 1) start(index);
  list();
  const pairs = Array.from({ length: Number(values.pairs) }, (_, index) => pair(index));
  const ratio = median(pairs.map(({ listMs, dumpsMs }) => listMs / dumpsMs));
  const listMs = Math.round(median(pairs.map((one) => one.listMs)));
  const dumpsMs = Math.round(median(pairs.map((one) => one.dumpsMs)));
  const machine = { cores: cpus().length, load: loadavg()[0] };
  process.stdout.write(
    `${JSON.stringify({ containers: COUNT, listMs, dumpsMs, ratio: Number(ratio.toFixed(2)), aim: AIM, ...machine })}\n`,
  );
  process.exitCode = ratio <= AIM ? 0 : 1;
};

if (values.inside) inside();
else {
  const beside = fileURLToPath(new URL('../helpers/docker-in-netns.sh', import.meta.url));
  const flags = ['--inside', '--containers', values.containers, '--pairs', values.pairs];
  const { status } = spawnSync('bash', [beside, process.execPath, fileURLToPath(import.meta.url), ...flags], {
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
}
