import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';

type Program = typeof import('./cli/main.js');

/**
 * The program with the command `trace` alone and without a screen: few files, beside each of them its compiled code for
 * the V8 that built it. Another V8 compiles them anew. `null` where the build has none.
 * @see https://nodejs.org/api/vm.html#scriptcreatecacheddata
 */
export const cachedProgram = (): Program | null => {
  const file = join(import.meta.dirname, 'trace.cjs');
  const source = contentOf(file);
  return source === undefined ? null : (new CachedModules(file).evaluate(file, source) as Program);
};

/** CommonJS modules of one folder. The others are left to Node. */
class CachedModules {
  readonly #folder: string;
  readonly #requireOther: NodeJS.Require;
  readonly #exported = new Map<string, object>();

  constructor(file: string) {
    this.#folder = dirname(file);
    this.#requireOther = createRequire(file);
  }

  evaluate(file: string, source: Buffer): object {
    const exported = {};
    this.#exported.set(file, exported);
    const cachedData = contentOf(`${file}.${process.versions.v8}-${process.arch}.cache`);
    const script = new Script(source.toString('latin1'), { filename: file, ...(cachedData ? { cachedData } : {}) });
    script.runInThisContext()(exported, (name: string) => this.#require(name), file);
    return exported;
  }

  #require(name: string): unknown {
    if (!name.startsWith('./')) return this.#requireOther(name);
    const file = join(this.#folder, name);
    return this.#exported.get(file) ?? this.evaluate(file, readFileSync(file));
  }
}

const contentOf = (file: string): Buffer | undefined => {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
};
