#!/usr/bin/env node
import { cachedProgram } from './cached-program.js';
import { isBusy, keepToOneProcessor } from './host/one-processor.js';

// React and the colour libraries read these when they are loaded, so they are set before anything is imported.
process.env['NODE_ENV'] ??= 'production';
// Ink would look for its developers' tools.
delete process.env['DEV'];
if (process.env['NO_COLOR'] || process.argv.includes('--no-color')) process.env['FORCE_COLOR'] = '0';
const [, , command = ''] = process.argv;
const isPlainTrace = command === 'trace' && process.stdout.isTTY !== true;

const start = async (): Promise<void> => {
  const wasBusy = ['trace', 'watch'].includes(command) && isBusy();
  const { main } = (isPlainTrace ? cachedProgram() : null) ?? (await import('./cli/main.js'));
  if (wasBusy && isBusy()) await keepToOneProcessor();
  await main(process.argv.slice(2));
};
void start();
