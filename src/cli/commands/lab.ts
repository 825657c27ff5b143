import { runAttached } from '../../host/attached.js';
import type { Fault } from '../../lab/fault.js';
import { faults } from '../../lab/faults/index.js';
import { attachLab, createLab, type Lab } from '../../lab/lab.js';
import { checkLabName, forgetLab, type LabRecord, runningLabs, saveLab } from '../../lab/lab-store.js';
import { requireLabPrograms } from '../../lab/requirements.js';
import { topologies } from '../../lab/topologies/index.js';
import { EXIT, KnownError } from '../../model/errors.js';
import { type CommandContext, jsonLine } from '../context.js';
import { faultNamed, topologyNamed } from '../lab-names.js';
import type { RawOptions } from '../settings.js';
import { table } from '../table.js';

const DEFAULT_NETWORK = 'textbook';
const SERVICE_PORT = 80;

/** The lab that is meant: by its name, or the only one that runs. @throws KnownError for none or several */
const chosenLab = async (name: unknown): Promise<LabRecord> => {
  const running = await runningLabs();
  const [first, second] = typeof name === 'string' ? running.filter((record) => record.name === name) : running;
  if (first !== undefined && second === undefined) return first;
  const names = running.map((record) => record.name).join(', ');
  if (first === undefined)
    throw new KnownError(typeof name === 'string' ? `no lab ${JSON.stringify(name)} runs` : 'no lab runs', {
      exitCode: EXIT.usage,
      hint: names === '' ? 'vethoscope lab up' : `running: ${names}`,
    });
  throw new KnownError(`several labs run: ${names}`, { exitCode: EXIT.usage, hint: 'choose one with --name' });
};

const opened = (context: CommandContext, record: LabRecord): Lab => {
  if (!record.holder.unprivileged && process.getuid?.() !== 0)
    throw new KnownError(`the lab ${record.name} belongs to root`, { exitCode: EXIT.noPrivilege, hint: 'use sudo' });
  return attachLab(record.holder, {
    topology: topologyNamed(record.topology),
    program: context.program,
  });
};

const say = (context: CommandContext, text: string, value: object): number => {
  context.out(context.display.format === 'text' ? `${text}\n` : jsonLine(value));
  return EXIT.ok;
};

/** Builds a lab that lasts. */
export const up = async (
  context: CommandContext,
  [network]: readonly string[],
  options: RawOptions,
): Promise<number> => {
  const topology = topologyNamed(network ?? DEFAULT_NETWORK);
  const name = typeof options['name'] === 'string' ? options['name'] : topology.id;
  checkLabName(name);
  if ((await runningLabs()).some((record) => record.name === name))
    throw new KnownError(`a lab ${name} runs already`, { exitCode: EXIT.usage, hint: `vethoscope lab down ${name}` });
  await requireLabPrograms();
  const lab = await createLab({ topology, program: context.program, lasting: true });
  try {
    if (topology.namespaces.includes('outside')) await lab.serve('outside', '0.0.0.0', SERVICE_PORT);
    await saveLab({ name, topology: topology.id, holder: lab.holder, broken: [] });
  } catch (error) {
    await lab.close();
    throw error;
  }
  const program = context.invocation;
  const text = [
    `lab ${name} is up: ${topology.title}`,
    `  trace it   ${program} lab exec -- ${program} trace ${topology.target} ${topology.destination}`,
    `  break it   ${program} lab break FAULT        (lab list names them)`,
    `  remove it  ${program} lab down ${name}`,
  ].join('\n');
  return say(context, text, { name, topology: topology.id, pid: lab.holder.pid });
};

const faultFor = (record: LabRecord, id: string): Fault => {
  const fault = faultNamed(id);
  if (fault.topology === record.topology) return fault;
  throw new KnownError(`the fault ${id} is made for the network ${fault.topology}, not ${record.topology}`, {
    exitCode: EXIT.usage,
    hint: `vethoscope lab up ${fault.topology}`,
  });
};

/** Breaks one thing in a lab. */
export const breakFault = async (
  context: CommandContext,
  [id = '']: readonly string[],
  options: RawOptions,
): Promise<number> => {
  const record = await chosenLab(options['name']);
  const fault = faultFor(record, id);
  if (record.broken.includes(id))
    throw new KnownError(`${id} is broken already in the lab ${record.name}`, { exitCode: EXIT.usage });
  await opened(context, record).run(fault.break);
  await saveLab({ ...record, broken: [...record.broken, id] });
  const commands = fault.break.map((command) => `  ${command}`).join('\n');
  return say(context, `${record.name}: ${fault.title}\n${commands}`, { name: record.name, broken: id });
};

/** Mends what `breakFault` broke. */
export const mend = async (
  context: CommandContext,
  [id = '']: readonly string[],
  options: RawOptions,
): Promise<number> => {
  const record = await chosenLab(options['name']);
  const fault = faultFor(record, id);
  if (!record.broken.includes(id))
    throw new KnownError(`${id} is not broken in the lab ${record.name}`, { exitCode: EXIT.usage });
  await opened(context, record).run(fault.undo);
  await saveLab({ ...record, broken: record.broken.filter((broken) => broken !== id) });
  return say(context, `${record.name}: mended ${id}`, { name: record.name, mended: id });
};

/** Lists the running labs, the networks and the faults. */
export const list = async (context: CommandContext): Promise<number> => {
  const labs = (await runningLabs()).map(({ name, topology, holder, broken }) => ({
    name,
    topology,
    pid: holder.pid,
    broken,
  }));
  const networks = topologies.map(({ id, title, rootOnly }) => ({ id, title, rootOnly: rootOnly ?? false }));
  const known = faults.map(({ id, title, topology }) => ({ id, title, topology }));
  if (context.display.format !== 'text') {
    context.out(jsonLine({ labs, networks, faults: known }));
    return EXIT.ok;
  }
  const running = labs.map((lab) => [lab.name, lab.topology, String(lab.pid), lab.broken.join(' ') || '-']);
  context.out(labs.length === 0 ? 'no lab runs\n' : table(['lab', 'network', 'pid', 'broken'], running));
  context.out(
    `\n${table(
      ['network', ''],
      networks.map(({ id, title }) => [id, title]),
    )}`,
  );
  context.out(
    `\n${table(
      ['fault', 'network', ''],
      known.map(({ id, topology, title }) => [id, topology, title]),
    )}`,
  );
  return EXIT.ok;
};

/** Runs a command in a lab, on our own terminal. */
export const exec = async (
  context: CommandContext,
  command: readonly string[],
  options: RawOptions,
): Promise<number> => {
  const lab = opened(context, await chosenLab(options['name']));
  const netns = String(options['netns']);
  if (netns !== 'host' && !lab.topology.namespaces.includes(netns))
    throw new KnownError(`no namespace ${JSON.stringify(netns)} in this lab`, {
      exitCode: EXIT.usage,
      hint: `host, ${lab.topology.namespaces.join(', ')}`,
    });
  context.leaveTerminalToChild();
  return runAttached(lab.command(command, netns), context.signal);
};

/** Removes labs. */
export const down = async (
  context: CommandContext,
  [name]: readonly string[],
  options: RawOptions,
): Promise<number> => {
  const records = options['all'] === true ? await runningLabs() : [await chosenLab(name)];
  for (const record of records) {
    await opened(context, record).close();
    await forgetLab(record.name);
  }
  const names = records.map((record) => record.name);
  return say(context, names.length === 0 ? 'no lab runs' : `removed ${names.join(', ')}`, { removed: names });
};
