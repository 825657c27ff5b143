import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { build } from 'tsdown';

/** Builds one TypeScript file into a program that plain node runs, and gives its path. */
export const bundle = async (entry: string): Promise<string> => {
  const outDir = mkdtempSync(join(tmpdir(), 'vethoscope-test-'));
  await build({
    entry,
    outDir,
    config: false,
    format: 'esm',
    platform: 'node',
    dts: false,
    fixedExtension: true,
    logLevel: 'error',
    deps: { alwaysBundle: [/.*/] },
  });
  return join(outDir, basename(entry).replace(/\.ts$/, '.mjs'));
};
