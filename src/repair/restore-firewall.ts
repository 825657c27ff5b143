import { isNftEmpty, nftHandle } from './facts/from-kernel.js';
import type { Wanted } from './restore-commands.js';
import { saveWords } from './save-words.js';

/**
 * The command that takes out a rule of ours, or a chain or table that came with it and holds nothing else. None when it
 * holds something by now: that is somebody else's.
 * @param ruleset `nft -a list ruleset` of the namespace
 */
export const firewallCommands = (
  { facet, key, current, wanted }: Wanted,
  ruleset: string,
): readonly (readonly string[])[] => {
  if (current === null || wanted !== null) return [];
  if (facet === 'nft-chain') return isNftEmpty(ruleset, key) ? [['nft', 'delete', 'chain', ...key.split(' ')]] : [];
  if (facet === 'nft-table') return isNftEmpty(ruleset, key) ? [['nft', 'delete', 'table', ...key.split(' ')]] : [];
  const [, place = '', rule = ''] = /^(.*?): (.*)$/s.exec(current) ?? [];
  const [tool = '', ...where] = place.split(' ');
  if (tool !== 'nft') return [[tool, '-w', '5', '-t', where[0] ?? '', '-D', ...saveWords(rule).slice(1)]];
  const handle = nftHandle(ruleset, key);
  return handle === null ? [] : [['nft', 'delete', 'rule', ...where, 'handle', handle]];
};
