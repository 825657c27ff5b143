import { type Fault, requireRights, rightCauses, traceArguments } from '../../lab/fault.js';
import { createLab, type Lab } from '../../lab/lab.js';
import { requireLabPrograms } from '../../lab/requirements.js';
import { serveProbes } from '../../lab/serve-probes.js';
import { EXIT, KnownError } from '../../model/errors.js';
import type { Run } from '../../model/run.js';
import type { CommandContext } from '../context.js';
import { faultNamed, topologyNamed } from '../lab-names.js';
import { printRun } from '../print-run.js';

/** Builds a network, breaks one thing, traces it, shows the diagnosis, and removes the network. */
export const labRun = async (context: CommandContext, [id = '']: readonly string[]): Promise<number> => {
  const fault = faultNamed(id);
  const topology = topologyNamed(fault.topology);
  requireRights(fault, process.getuid?.() !== 0);
  await requireLabPrograms();
  const note = context.display.quiet ? () => undefined : context.note;
  note(`network ${topology.id}: ${topology.title}`);
  const lab = await createLab({ topology, program: context.program });
  try {
    await serveProbes(lab, [fault]);
    note(fault.break.map((command) => `break: ${command}`).join('\n'));
    await lab.run(fault.break);
    const run = await traced(context, lab, fault);
    printRun(context, run);
    return verdict(note, fault, run);
  } finally {
    await lab.close();
  }
};

const traced = async (context: CommandContext, lab: Lab, fault: Fault): Promise<Run> => {
  const args = [...traceArguments(lab.topology, fault.probe), ...(context.display.save ? [] : ['--no-save'])];
  const result = await lab.trace(args, { signal: context.signal });
  context.signal.throwIfAborted();
  if (result.run !== null) return result.run;
  throw new KnownError(`the trace brought no diagnosis (exit code ${result.exitCode ?? 'none'})`, {
    exitCode: EXIT.bug,
    hint: result.stderr.trim() || result.stdout.trim() || 'it printed nothing',
  });
};

const verdict = (note: (line: string) => void, fault: Fault, run: Run): number => {
  const { cause, title } = run.diagnosis;
  if (cause !== null && rightCauses(fault).includes(cause)) {
    note(`the diagnosis names what was broken: ${fault.id}`);
    return EXIT.ok;
  }
  note(`the diagnosis should have named ${fault.id}, but says: ${cause ?? title}`);
  return EXIT.bug;
};
