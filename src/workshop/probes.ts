import type { Lab } from '../lab/lab.js';
import type { LabProbe } from '../model/scenario.js';

/** Whether what was expected is so, and what was seen instead, in a few words. */
export interface ProbeAnswer {
  readonly probe: LabProbe;
  readonly holds: boolean;
  readonly seen: string;
}

const TIMEOUT_MS = 10_000;

/** Ends with 0 when connected, 3 when refused, 4 otherwise. Arguments: address, port. */
const CONNECT = `const [address, port] = process.argv.slice(1);
const socket = require('node:net').connect(Number(port), address);
socket.setTimeout(1200, () => process.exit(4));
socket.on('connect', () => process.exit(0)).on('error', (error) => process.exit(error.code === 'ECONNREFUSED' ? 3 : 4));`;

/** Ends with 0 when the server answers, with a record or without. Arguments: server, name. */
const ASK = `const [server, name] = process.argv.slice(1);
const resolver = new (require('node:dns').Resolver)({ timeout: 700, tries: 1 });
resolver.setServers([server]);
resolver.resolve4(name, (error) => process.exit(error && error.code !== 'ENODATA' && error.code !== 'ENOTFOUND' ? 4 : 0));`;

/** What is asked, for a person. */
export const probeText = (probe: LabProbe): string => {
  switch (probe.kind) {
    case 'ping':
      return `ping ${probe.to} from ${probe.from}${probe.size === undefined ? '' : `, ${probe.size} bytes`}`;
    case 'tcp':
      return `connection to ${probe.to} from ${probe.from}`;
    case 'dns':
      return `query for ${probe.name} at ${probe.server} from ${probe.from}`;
    case 'setting':
      return `${probe.name} in ${probe.netns}`;
    case 'run':
      return `${probe.command} in ${probe.netns}`;
  }
};

/** What is wanted, for a person. */
export const wantedText = (probe: LabProbe): string => {
  if (probe.kind === 'setting') return probe.is;
  if (probe.kind !== 'run') return probe.expect;
  return [
    probe.expect,
    ...(probe.prints === undefined ? [] : [`prints ${probe.prints}`]),
    ...(probe.printsNot === undefined ? [] : [`does not print ${probe.printsNot}`]),
  ].join(', ');
};

/** Asks one thing of a lab. Every ping and connection is a flow of its own, which conntrack has not seen before. */
export const askProbe = async (lab: Lab, probe: LabProbe): Promise<ProbeAnswer> => {
  const answer = await ASKERS[probe.kind](lab, probe as never);
  return { probe, ...answer };
};

/** Asks several things, one after the other. */
export const askProbes = async (lab: Lab, probes: readonly LabProbe[]): Promise<readonly ProbeAnswer[]> => {
  const answers: ProbeAnswer[] = [];
  for (const probe of probes) answers.push(await askProbe(lab, probe));
  return answers;
};

/** Whether all is as expected; asks no further than the first that is not. */
export const allHold = async (lab: Lab, probes: readonly LabProbe[]): Promise<boolean> => {
  for (const probe of probes) if (!(await askProbe(lab, probe)).holds) return false;
  return true;
};

type Kind<K extends LabProbe['kind']> = Extract<LabProbe, { readonly kind: K }>;
type Asker<K extends LabProbe['kind']> = (
  lab: Lab,
  probe: Kind<K>,
) => Promise<{ readonly holds: boolean; readonly seen: string }>;

const ping: Asker<'ping'> = async (lab, { to, from, expect, size, df, count }) => {
  const options = [
    ...['-n', '-q', '-c', String(count), '-i', count > 10 ? '0.02' : '0.1', '-W', '1'],
    ...(size === undefined ? [] : ['-s', String(size)]),
    ...(df ? ['-M', 'do'] : []),
  ];
  const { stdout } = await lab.exec(['ping', ...options, to], { netns: from, timeoutMs: TIMEOUT_MS });
  const received = Number(/(\d+) received/.exec(stdout)?.[1] ?? 0);
  const seen = received === 0 ? 'lost' : received < count ? 'partly' : 'answered';
  return { holds: seen === expect, seen: seen === 'partly' ? `${received} of ${count} answered` : seen };
};

const tcp: Asker<'tcp'> = async (lab, { to, from, expect }) => {
  const at = to.lastIndexOf(':');
  const argv = [process.execPath, '-e', CONNECT, to.slice(0, at).replace(/^\[|\]$/g, ''), to.slice(at + 1)];
  const { exitCode } = await lab.exec(argv, { netns: from, timeoutMs: TIMEOUT_MS });
  const seen = exitCode === 0 ? 'answered' : exitCode === 3 ? 'refused' : 'lost';
  return { holds: seen === expect, seen };
};

const dns: Asker<'dns'> = async (lab, { name, server, from, expect }) => {
  const argv = [process.execPath, '-e', ASK, server, name];
  const { exitCode } = await lab.exec(argv, { netns: from, timeoutMs: TIMEOUT_MS });
  const seen = exitCode === 0 ? 'answered' : 'lost';
  return { holds: seen === expect, seen };
};

const setting: Asker<'setting'> = async (lab, { name, netns, is }) => {
  const { stdout, exitCode } = await lab.exec(['sysctl', '-n', name], { netns });
  const seen = exitCode === 0 ? stdout.trim() : 'not there';
  return { holds: seen === is, seen };
};

const run: Asker<'run'> = async (lab, { command, netns, expect, prints, printsNot }) => {
  const { exitCode, stdout, stderr } = await lab.exec(command, { netns, timeoutMs: TIMEOUT_MS, maxBytes: 1 << 20 });
  const text = stdout + stderr;
  const succeeded = exitCode === 0;
  const holds =
    succeeded === (expect === 'succeeds') &&
    (prints === undefined || new RegExp(prints, 'm').test(text)) &&
    (printsNot === undefined || !new RegExp(printsNot, 'm').test(text));
  const first = text.trim().split('\n')[0]?.slice(0, 60) ?? '';
  return { holds, seen: `${succeeded ? 'succeeds' : 'fails'}${first === '' ? '' : `: ${first}`}` };
};

const ASKERS: { readonly [K in LabProbe['kind']]: Asker<K> } = { ping, tcp, dns, setting, run };
