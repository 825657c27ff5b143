// Writes what a plain trace starts with, as CommonJS, since Node takes 5 ms more to start a module: dist/bin.cjs;
// dist/trace.cjs and dist/trace-*.cjs, the program with the command `trace` alone in parts that are loaded when they are
// needed; and beside each of these its compiled code for the V8 that runs here.
import { readFileSync, writeFileSync } from 'node:fs';
import { arch, versions } from 'node:process';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';
import { build } from 'tsdown';

const root = new URL('../', import.meta.url).pathname;
const folder = `${root}dist/`;
const { tsdown: settings } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));

/** The other commands and the screen, which are never loaded here. */
const ELSEWHERE = '\0elsewhere';
const isElsewhere = (name) => /^\.\/commands\/(?!trace\.js$)|^\.\.\/trace-screen\.js$/.test(name);
const elsewhere = {
  name: 'elsewhere',
  resolveDynamicImport: (name) => (isElsewhere(name) ? { id: ELSEWHERE } : null),
  load: (id) => (id === ELSEWHERE ? "throw new Error('not in trace.cjs')" : null),
};

/** The whole program, which the build before this one wrote. */
const whole = {
  name: 'whole',
  resolveDynamicImport: (name) => (name === './cli/main.js' ? { id: './main.js', external: true } : null),
};

const { platform, target, deps, define } = settings;
const common = { config: false, cwd: root, format: 'cjs', platform, target, deps, define, clean: false, dts: false };
await build({ ...common, entry: { bin: 'src/bin.ts' }, plugins: [whole], sourcemap: true, logLevel: 'error' });
const bundles = await build({
  ...common,
  entry: { trace: 'src/cli/main.ts' },
  plugins: [elsewhere],
  outputOptions: { chunkFileNames: 'trace-[name].cjs' },
  logLevel: 'error',
});
const names = bundles.flatMap(({ chunks }) => chunks.map(({ fileName }) => fileName));

// All functions are compiled, not only those that run at once. The flags are part of what a cache is good for.
setFlagsFromString('--no-lazy');
const compiled = names.map((name) => {
  const file = `${folder}${name}`;
  // Text of one byte for each character is read and compiled faster. What is not ASCII stands in strings and patterns alone.
  const ascii = readFileSync(file, 'utf8').replace(
    /[^\0-\x7f]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  const wrapped = `(function (exports, require, __filename) {${ascii}\n})`;
  writeFileSync(file, wrapped);
  return { file, script: new Script(wrapped, { filename: name }) };
});
setFlagsFromString('--lazy');
for (const { file, script } of compiled)
  writeFileSync(`${file}.${versions.v8}-${arch}.cache`, script.createCachedData());
