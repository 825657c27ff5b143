import type { RepairStep } from '../../model/repair.js';
import { appended, type Edit } from './edit.js';

/**
 * `nftables.conf`, with the rule of a step as a command after all that it defines.
 * @see nft(8), "nft -f" reads commands as they are typed
 */
export const withNftRule = (text: string, step: RepairStep): Edit => {
  const [, , , family = '', table = '', chain = '', ...rest] = step.inner;
  if (rest.includes('handle') || rest[0] === 'position' || rest[0] === 'index')
    return { because: 'the rule has its place by a handle, which is another after a restart' };
  const bare = text.replace(/#.*$/gm, '');
  const start = bare.search(new RegExp(`\\btable\\s+${family}\\s+${table}\\s*\\{`));
  const isDefined = start >= 0 && new RegExp(`\\bchain\\s+${chain}\\s*\\{`).test(bare.slice(start));
  if (!isDefined) return { because: `it does not define the chain ${family} ${table} ${chain}` };
  const line = step.inner.slice(1).join(' ');
  return { text: appended(text, line), line };
};
