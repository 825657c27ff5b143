import { runAttached } from '../../host/attached.js';
import { type Fault, requireRights } from '../../lab/fault.js';
import { faults } from '../../lab/faults/index.js';
import { createLab } from '../../lab/lab.js';
import { checkLabName, forgetLab, type LabRecord, runningLabs, saveLab } from '../../lab/lab-store.js';
import { requireLabPrograms } from '../../lab/requirements.js';
import { EXIT, KnownError } from '../../model/errors.js';
import { keepCommand } from '../../workshop/learner-shell.js';
import { type CommandContext, jsonLine } from '../context.js';
import { faultNamed, networks as practice, topologyNamed } from '../lab-names.js';
import { chosenLab, opened, say } from '../running-lab.js';
import { scenarioFolder, usableScenarios } from '../scenarios.js';
import type { RawOptions } from '../settings.js';
import { table } from '../table.js';

const DEFAULT_NETWORK = 'textbook';
const SERVICE_PORT = 80;

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
  requireRights(fault, record.holder.unprivileged);
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
export const list = async (
  context: CommandContext,
  _: readonly string[] = [],
  options: RawOptions = {},
): Promise<number> => {
  const labs = (await runningLabs()).map(({ name, topology, holder, broken, scenario }) => ({
    name,
    topology,
    pid: holder.pid,
    broken,
    ...(scenario === undefined ? {} : { scenario: scenario.id }),
  }));
  const networks = practice.map(({ id, title, rootOnly, target, destination }) => ({
    id,
    title,
    rootOnly: rootOnly ?? false,
    target,
    destination,
  }));
  const known = faults.map(({ id, title, topology }) => ({ id, title, topology }));
  const scenarios = (await usableScenarios(scenarioFolder(options))).map(
    ({ id, title, level, timeMs, topology, teaches }) => ({
      id,
      title,
      level,
      minutes: timeMs / 60_000,
      topology,
      teaches,
    }),
  );
  if (context.display.format !== 'text') {
    context.out(jsonLine({ labs, scenarios, networks, faults: known }));
    return EXIT.ok;
  }
  const running = labs.map((lab) => [
    lab.name,
    lab.topology,
    String(lab.pid),
    lab.scenario ?? (lab.broken.join(' ') || '-'),
  ]);
  context.out(
    labs.length === 0 ? 'no lab runs\n' : table(['lab', 'network', 'pid', 'scenario or what is broken'], running),
  );
  context.out(
    `\n${table(
      ['scenario', 'level', 'min', ''],
      scenarios.map(({ id, level, minutes, title }) => [id, String(level), String(minutes), title]),
    )}`,
  );
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
  const record = await chosenLab(options['name']);
  const lab = opened(context, record);
  const netns = String(options['netns']);
  if (netns !== 'host' && !lab.topology.namespaces.includes(netns))
    throw new KnownError(`no namespace ${JSON.stringify(netns)} in this lab`, {
      exitCode: EXIT.usage,
      hint: `host, ${lab.topology.namespaces.join(', ')}`,
    });
  if (record.scenario !== undefined) await keepCommand(lab, command.join(' '));
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
