import { EXIT, KnownError } from '../model/errors.js';
import { Interruption, superviseProgram } from './lifecycle.js';
import { runCommandLine } from './program.js';

const asksForJson = (argv: readonly string[]): boolean =>
  argv.some(
    (word, index) =>
      /^(--json|-ojson|--output=json|-o=json)$/.test(word) ||
      (word === 'json' && /^(-o|--output)$/.test(argv[index - 1] ?? '')),
  );

/** Prints what went wrong, as text on standard error or as JSON on standard output, and gives the exit code. */
const explainTo =
  (json: boolean) =>
  (error: unknown): number => {
    if (error instanceof Interruption) return EXIT.interrupted;
    const known = error instanceof KnownError ? error : null;
    const message = known?.message ?? (error instanceof Error ? (error.stack ?? error.message) : String(error));
    const exitCode = known?.exitCode ?? EXIT.bug;
    const hint = known ? known.hint : 'this is a bug of vethoscope: please report it with the lines above';
    if (json) process.stdout.write(`${JSON.stringify({ error: { message, hint, exitCode } })}\n`);
    else process.stderr.write(`error: ${printable(message)}\n${hint === null ? '' : `hint: ${printable(hint)}\n`}`);
    return exitCode;
  };

/** Foreign text never reaches the terminal raw. */
const printable = (text: string): string =>
  text.replace(
    /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );

/** Runs one command line and ends the process. */
export const main = (argv: readonly string[]): Promise<never> =>
  superviseProgram((supervision) => runCommandLine(supervision, argv), explainTo(asksForJson(argv)));
