import { basename, relative } from 'node:path';
import type { Supervision } from './lifecycle.js';
import { type Display, displayFrom, type RawOptions } from './settings.js';
import { shellWords } from './shell-words.js';
import { type Terminal, terminalOf } from './terminal.js';

/** What every command gets. */
export interface CommandContext extends Supervision {
  readonly display: Display;
  readonly terminal: Terminal;
  /** The command line after the program's name. */
  readonly argv: readonly string[];
  /** The command that starts this program again. */
  readonly program: readonly string[];
  /** The same as a person would type it here. */
  readonly invocation: string;
  /** Writes the result to standard output. */
  out(text: string): void;
  /** Writes a line for the person to standard error. */
  note(line: string): void;
}

/** @throws KnownError for options that exclude each other */
export const createContext = (
  supervision: Supervision,
  argv: readonly string[],
  options: RawOptions,
): CommandContext => {
  const display = displayFrom(options);
  return {
    ...supervision,
    display,
    terminal: terminalOf(display, process.env, process.stdout),
    argv,
    program: [process.execPath, process.argv[1] ?? 'vethoscope'],
    invocation: invocationOf(process.argv[1] ?? 'vethoscope'),
    out: (text) => void process.stdout.write(text),
    note: (line) => void process.stderr.write(`${line}\n`),
  };
};

const invocationOf = (script: string): string =>
  basename(script) === 'vethoscope' ? 'vethoscope' : shellWords(['node', relative(process.cwd(), script)]);

/** A value as one line of JSON. */
export const jsonLine = (value: unknown): string => `${JSON.stringify(value)}\n`;
