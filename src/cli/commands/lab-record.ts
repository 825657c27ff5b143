import { resolve } from 'node:path';
import { runAttached } from '../../host/attached.js';
import { errorCode, findProgram, isRegularFile, writePrivateFile } from '../../host/files.js';
import { stateFolder } from '../../host/state-folder.js';
import { canAsk } from '../../host/stdin.js';
import type { Lab } from '../../lab/lab.js';
import { EXIT, KnownError } from '../../model/errors.js';
import { shellQuote } from '../../model/inert.js';
import { toAsciicast } from '../../workshop/asciicast.js';
import { LEARNER_SHELL, RECORDING } from '../../workshop/learner-shell.js';
import type { CommandContext } from '../context.js';
import { chosenLab, LAB_VARIABLE, opened } from '../running-lab.js';
import { scenarioOf } from '../scenarios.js';
import type { RawOptions } from '../settings.js';

/** Output above which `script` ends the session. */
const LIMIT = '32MiB';
const MAX_BASE64 = 64 * 1024 * 1024;

const usage = (message: string, hint: string): KnownError => new KnownError(message, { exitCode: EXIT.usage, hint });

/** Opens the learner's shell and writes what is shown in it to a file, for slides. */
export const record = async (
  context: CommandContext,
  [file = '']: readonly string[],
  options: RawOptions,
): Promise<number> => {
  const path = resolve(file);
  if (await isRegularFile(path)) throw usage(`${file} exists already`, 'choose another name');
  if (!context.terminal.interactive || !canAsk())
    throw usage('a session is recorded in a terminal alone', 'without one: vethoscope lab exec');
  if (process.env[LAB_VARIABLE] !== undefined) throw usage('this is a shell in a lab', 'leave it with exit first');
  if ((await findProgram('script')) === null)
    throw new KnownError('recording needs script', { exitCode: EXIT.missingProgram, hint: 'apt install bsdutils' });
  const chosen = await chosenLab(options['name']);
  const { scenario } = await scenarioOf(chosen);
  const lab = opened(context, chosen);
  const { columns = 80, rows = 24 } = process.stdout;
  const startedMs = Date.now();
  context.leaveTerminalToChild();
  const words = ['script', '-q', '-f', '-m', 'classic', '-o', LIMIT, '-O', RECORDING.log, '-T', RECORDING.timing];
  await runAttached(lab.command([...words, '-c', shellQuote(LEARNER_SHELL)]), context.signal);
  const header = { width: columns, height: rows, startedMs, title: scenario.title, term: process.env['TERM'] ?? '' };
  const [log, timing] = [await bytesOf(lab, RECORDING.log), await bytesOf(lab, RECORDING.timing)];
  if (timing.length === 0) throw new KnownError('nothing was recorded', { exitCode: EXIT.bug });
  await write(path, toAsciicast(log, timing.toString('utf8'), header));
  context.note(`${file} holds the session: asciinema play ${file}`);
  return EXIT.ok;
};

const bytesOf = async (lab: Lab, path: string): Promise<Buffer> =>
  Buffer.from((await lab.exec(['base64', path], { maxBytes: MAX_BASE64 })).stdout, 'base64');

const write = async (path: string, text: string): Promise<void> => {
  const { owner } = await stateFolder();
  try {
    writePrivateFile(path, text, owner);
  } catch (error) {
    const code = errorCode(error);
    if (code === null) throw error;
    throw new KnownError(`cannot write ${path}: ${code}`, { exitCode: EXIT.usage });
  }
};
