import { EXIT } from '../../model/errors.js';
import { diffRuns } from '../../report/diff/diff-runs.js';
import { renderDiffJson, renderDiffText } from '../../report/diff/render-diff.js';
import type { CommandContext } from '../context.js';
import { loadRun } from '../run-store.js';
import type { RawOptions } from '../settings.js';

/** Shows what differs between two runs, what decides about the flow first. */
export const diff = async (
  context: CommandContext,
  [a = '', b = '']: readonly string[],
  raw: RawOptions,
): Promise<number> => {
  const differences = diffRuns(await loadRun(a), await loadRun(b));
  const { color, ascii } = context.terminal;
  context.out(
    context.display.format === 'text'
      ? renderDiffText(differences, { color, ascii, all: raw['all'] === true })
      : renderDiffJson(differences),
  );
  return EXIT.ok;
};
