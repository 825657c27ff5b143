import { ask, canAsk } from '../host/stdin.js';
import { EXIT, KnownError } from '../model/errors.js';
import type { CommandContext } from './context.js';

/** Whether to go on: the word yes, or `--apply`. @throws KnownError when nobody can be asked */
export const agreed = async (
  context: CommandContext,
  { apply, input }: { readonly apply: boolean; readonly input: boolean },
): Promise<boolean> => {
  if (apply) return true;
  if (!input || !canAsk())
    throw new KnownError('nothing is applied without a yes', { exitCode: EXIT.usage, hint: 'add --apply' });
  return (await ask('Apply?  Type the word yes: ', context.signal))?.trim() === 'yes';
};
