import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Text of a file under `fixtures/`. */
export const fixture = (path: string): string =>
  readFileSync(fileURLToPath(new URL(`../../fixtures/${path}`, import.meta.url)), 'utf8');
