import { EXIT } from '../../model/errors.js';
import { RUN_FORMAT_VERSION } from '../../model/run.js';
import { VERSION } from '../../version.js';
import { type CommandContext, jsonLine } from '../context.js';

export const version = async (context: CommandContext): Promise<number> => {
  const facts = { name: 'vethoscope', version: VERSION, runFormat: RUN_FORMAT_VERSION, node: process.versions.node };
  context.out(context.display.format === 'text' ? `vethoscope ${VERSION}\n` : jsonLine(facts));
  return EXIT.ok;
};
