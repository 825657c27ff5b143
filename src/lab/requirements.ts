import { findProgram } from '../host/files.js';
import { installCommand, PROGRAMS } from '../host/programs.js';
import { EXIT, KnownError } from '../model/errors.js';

const ALWAYS = ['unshare', 'nsenter', 'setpriv', 'mount', 'ip', 'bridge', 'sysctl', 'ping', 'iptables-nft-save', 'nft'];

/**
 * @throws KnownError naming the Debian packages when a program that labs need is missing
 */
export const requireLabPrograms = async (): Promise<void> => {
  const names = process.getuid?.() === 0 ? ALWAYS : [...ALWAYS, 'perl'];
  const needed = PROGRAMS.filter((program) => names.includes(program.name));
  const paths = await Promise.all(needed.map((program) => findProgram(program.name)));
  const missing = needed.filter((_, index) => paths[index] === null);
  const install = installCommand(missing);
  if (install === null) return;
  throw new KnownError(`the lab needs ${missing.map((program) => program.name).join(', ')}`, {
    exitCode: EXIT.missingProgram,
    hint: `sudo ${install}`,
  });
};
