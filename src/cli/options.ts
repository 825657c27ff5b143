import type { Command } from 'commander';
import type { CommandContext } from './context.js';
import type { RawOptions } from './settings.js';

/** What a command does with its arguments and options; gives the exit code. */
export type Handler = (context: CommandContext, args: readonly string[], options: RawOptions) => Promise<number>;

/** Makes the action of a command from a handler that is loaded when it is called. */
export type Action = (load: () => Promise<Handler>) => (...words: unknown[]) => Promise<void>;

/** The options of a command that prints. */
export const display = (command: Command): Command =>
  command
    .optionsGroup('Output:')
    .option('-o, --output <format>', 'text, json or ndjson')
    .option('--json', 'the same as -o json')
    .option('-v, --verbose', 'the full form; -vv adds the commands', (_: string, count: number) => count + 1, 0)
    .option('-q, --quiet', 'the headline alone')
    .option('--ascii', 'no characters beyond ASCII')
    .option('--color <when>', 'auto, always or never')
    .option('--no-color', 'the same as --color never')
    .option('--theme <name>', 'auto, dark, light, mono or cb (colour-blind)')
    .option('--no-input', 'never ask')
    .optionsGroup('Options:');
