import { diagnose } from '../../engine/diagnose.js';
import { toRun } from '../../engine/to-run.js';
import { readStandardInput } from '../../host/stdin.js';
import { EXIT, KnownError } from '../../model/errors.js';
import type { Run } from '../../model/run.js';
import type { CommandContext } from '../context.js';
import { exitCodeOf } from '../exit-codes.js';
import { printRun } from '../print-run.js';
import { parseRunDocument } from '../run-document.js';
import { loadRun, MAX_RUN_BYTES } from '../run-store.js';

/** The run with its diagnosis made anew from its evidence; as it is where it has none, or not the whole. */
const diagnosedAnew = (run: Run): Run => {
  if (run.evidence === undefined || run.reduced !== undefined) return run;
  try {
    const anew = toRun(run.evidence, diagnose(run.evidence), { tool: run.tool, run: run.run, evidence: true });
    return run.redactions === undefined ? anew : { ...anew, redactions: run.redactions };
  } catch (error) {
    throw new KnownError(`the evidence of run ${run.run.id} is damaged: ${(error as Error).message}`, {
      exitCode: EXIT.usage,
      hint: `it was written by vethoscope ${run.tool.version}`,
      cause: error,
    });
  }
};

/** Shows a stored run again. */
export const show = async (context: CommandContext, [name = '-']: readonly string[]): Promise<number> => {
  const stored =
    name === '-' ? parseRunDocument(await readStandardInput(MAX_RUN_BYTES), 'standard input') : await loadRun(name);
  if (stored.evidence === undefined) context.note('this run has no evidence: its diagnosis is shown as it was stored');
  if (stored.reduced !== undefined)
    context.note('parts of the evidence were left out of this file: its diagnosis is shown as it was stored');
  const run = diagnosedAnew(stored);
  printRun(context, run);
  return exitCodeOf(run, context.display.failOn);
};
