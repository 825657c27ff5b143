import { homedir } from 'node:os';
import { join } from 'node:path';
import type { FileOwner } from './files.js';
import { runCommand } from './run-command.js';

/** Where the program keeps what lasts, and in whose name it writes there. */
export interface StateFolder {
  readonly path: string;
  readonly owner: FileOwner | null;
}

/** The user who called sudo, when we are root through it. @see sudo(8), "ENVIRONMENT" */
const invokingUser = (environment: NodeJS.ProcessEnv): FileOwner | null => {
  const [uid, gid] = [Number(environment['SUDO_UID']), Number(environment['SUDO_GID'])];
  if (process.geteuid?.() !== 0 || !Number.isInteger(uid) || !Number.isInteger(gid) || uid === 0) return null;
  return { uid, gid };
};

const homeOf = async (owner: FileOwner): Promise<string | null> => {
  const { stdout, failure } = await runCommand(['getent', 'passwd', String(owner.uid)]);
  return failure === null ? (stdout.split(':')[5] ?? null) : null;
};

/**
 * The state folder of the person at the keyboard: `$XDG_STATE_HOME/vethoscope` or `~/.local/state/vethoscope`, under sudo
 * that of the user who called it. It is not made here.
 * @see https://specifications.freedesktop.org/basedir-spec/
 */
export const stateFolder = async (environment: NodeJS.ProcessEnv = process.env): Promise<StateFolder> => {
  const owner = invokingUser(environment);
  const chosen = environment['XDG_STATE_HOME'];
  if (chosen?.startsWith('/')) return { path: join(chosen, 'vethoscope'), owner };
  const home = owner === null ? null : await homeOf(owner);
  if (owner !== null && home === null) return { path: join(homedir(), '.local/state/vethoscope'), owner: null };
  return { path: join(home ?? homedir(), '.local/state/vethoscope'), owner };
};
