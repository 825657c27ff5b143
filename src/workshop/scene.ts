import { faults } from '../lab/faults/index.js';
import type { Lab } from '../lab/lab.js';
import { quoted } from '../lab/topology.js';
import { EXIT, KnownError } from '../model/errors.js';
import type { Breakage, LabCommands, Scenario } from '../model/scenario.js';

const SERVICE_PORT = 80;

/** Shell commands for the host namespace that run others in theirs. */
export const inNamespace = ({ netns, commands }: LabCommands): readonly string[] =>
  netns === 'host' ? commands : commands.map((command) => `ip netns exec ${netns} sh -c ${quoted(command)}`);

/** Runs commands of a scenario. @throws KnownError at the first that fails */
export const runCommands = async (lab: Lab, groups: readonly LabCommands[]): Promise<void> => {
  const commands = groups.flatMap(inNamespace);
  if (commands.length > 0) await lab.run(commands);
};

/** Commands that break what a scenario breaks. */
export const breakCommands = (entry: Breakage): LabCommands => {
  if (!('fault' in entry)) return entry;
  const fault = faults.find(({ id }) => id === entry.fault);
  if (fault === undefined) throw new KnownError(`no fault ${JSON.stringify(entry.fault)}`, { exitCode: EXIT.usage });
  return { netns: 'host', commands: fault.break };
};

/** Completes a new network as the scenario wants it, before anything is broken. */
export const prepareScene = async (lab: Lab, scenario: Scenario): Promise<void> => {
  await runCommands(lab, scenario.prepare);
  const outside = scenario.services.some(
    ({ netns, kind, port }) => netns === 'outside' && kind === 'tcp' && port === SERVICE_PORT,
  );
  if (!outside && lab.topology.namespaces.includes('outside')) await lab.serve('outside', '0.0.0.0', SERVICE_PORT);
  for (const { kind, netns, address, port } of scenario.services)
    if (kind === 'dns') await lab.nameServer(netns, address);
    else if (kind === 'echo') await lab.echo(netns, address, port);
    else await lab.serve(netns, address, port);
};

/** Breaks what the scenario breaks. */
export const breakScene = (lab: Lab, scenario: Scenario): Promise<void> =>
  runCommands(lab, scenario.break.map(breakCommands));
