// Writes dist/trace.cjs, the program with the command `trace` alone, and its compiled code for the V8 that runs here.
import { readFileSync, writeFileSync } from 'node:fs';
import { arch, versions } from 'node:process';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';
import { build } from 'tsdown';

const root = new URL('../', import.meta.url).pathname;
const file = `${root}dist/trace.cjs`;
const { tsdown: settings } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));

/** The other commands and the screen, which are never loaded here. */
const ELSEWHERE = '\0elsewhere';
const isElsewhere = (name) => /^\.\/commands\/(?!trace\.js$)|^\.\.\/trace-screen\.js$/.test(name);
const elsewhere = {
  name: 'elsewhere',
  resolveDynamicImport: (name) => (isElsewhere(name) ? { id: ELSEWHERE } : null),
  load: (id) => (id === ELSEWHERE ? "throw new Error('not in trace.cjs')" : null),
};

const { platform, target, deps, define } = settings;
await build({
  config: false,
  cwd: root,
  entry: { trace: 'src/cli/main.ts' },
  format: 'cjs',
  platform,
  target,
  deps,
  define,
  clean: false,
  dts: false,
  plugins: [elsewhere],
  outputOptions: { codeSplitting: false },
  logLevel: 'error',
});

// Text of one byte for each character is read and compiled faster. What is not ASCII stands in strings and patterns alone.
const ascii = readFileSync(file, 'utf8').replace(
  /[^\0-\x7f]/g,
  (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
);
const wrapped = `(function (exports, require, __filename) {${ascii}\n})`;
writeFileSync(file, wrapped);

// All functions are compiled, not only those that run at once. The flags are part of what a cache is good for.
setFlagsFromString('--no-lazy');
const script = new Script(wrapped, { filename: 'trace.cjs' });
setFlagsFromString('--lazy');
writeFileSync(`${file}.${versions.v8}-${arch}.cache`, script.createCachedData());
