import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';

type Program = typeof import('./cli/main.js');

/**
 * The program with the command `trace` alone and without a screen: one file, whose compiled code lies beside it for the
 * V8 that built it. Another V8 compiles it anew. `null` where the build has none.
 * @see https://nodejs.org/api/vm.html#scriptcreatecacheddata
 */
export const cachedProgram = (): Program | null => {
  const file = fileURLToPath(new URL('./trace.cjs', import.meta.url));
  const source = contentOf(file)?.toString('latin1');
  if (source === undefined) return null;
  const cachedData = contentOf(`${file}.${process.versions.v8}-${process.arch}.cache`);
  const script = new Script(source, { filename: file, ...(cachedData ? { cachedData } : {}) });
  const exported = {};
  script.runInThisContext()(exported, createRequire(file), file);
  return exported as Program;
};

const contentOf = (file: string): Buffer | undefined => {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
};
