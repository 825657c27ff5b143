import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Run } from '../../src/model/run.js';
import { fixture } from './fixture.js';

const folder = fileURLToPath(new URL('../../fixtures/runs', import.meta.url));

/** Runs that were recorded in practice networks, by the fault that was in them. */
export const storedRunNames = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.replace('.json', ''));

export const storedRun = (name: string): Run => JSON.parse(fixture(`runs/${name}.json`)) as Run;
