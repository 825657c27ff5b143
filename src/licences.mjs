// Writes dist/THIRD-PARTY.txt: the licences of all packages whose code the bundler put into dist, found by its source maps.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const dist = new URL('../dist/', import.meta.url).pathname;
const root = new URL('../', import.meta.url).pathname;

const sources = readdirSync(dist)
  .filter((name) => name.endsWith('.js.map'))
  .flatMap((name) => JSON.parse(readFileSync(join(dist, name), 'utf8')).sources);

const packages = new Set(sources.flatMap((source) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(source)?.[1] ?? []));

const sections = [...packages].sort().map((name) => {
  const folder = join(root, 'node_modules', name);
  const { version, license, author, repository } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  if (file === undefined && !license) throw new Error(`${name} has neither a licence file nor a licence`);
  const text = file
    ? readFileSync(join(folder, file), 'utf8').trim()
    : `The package brings no licence text. Author: ${author?.name ?? author ?? name}. Source: ${repository?.url ?? repository}`;
  return `${name} ${version}${license ? ` (${license})` : ''}\n\n${text}\n`;
});

writeFileSync(join(dist, 'THIRD-PARTY.txt'), sections.join(`\n${'-'.repeat(78)}\n\n`));
