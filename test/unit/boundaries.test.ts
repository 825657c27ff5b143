import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** File, what it imports, and whether that is allowed. */
const IMPORTS: readonly (readonly [string, string, 'allowed' | 'forbidden'])[] = [
  ['src/model/a.ts', '../host/x.js', 'forbidden'],
  ['src/model/b.ts', '../parse/x.js', 'forbidden'],
  ['src/parse/a.ts', '../model/x.js', 'allowed'],
  ['src/parse/b.ts', '../host/x.js', 'forbidden'],
  ['src/parse/c.ts', 'node:fs', 'forbidden'],
  ['src/parse/d.ts', 'execa', 'forbidden'],
  ['src/netfilter/deep/a.ts', '../../routing/x.js', 'forbidden'],
  ['src/netfilter/b.ts', '../model/x.js', 'allowed'],
  ['src/routing/a.ts', '../netfilter/x.js', 'allowed'],
  ['src/routing/b.ts', '../discover/x.js', 'forbidden'],
  ['src/discover/a.ts', '../routing/x.js', 'allowed'],
  ['src/discover/b.ts', '../netfilter/x.js', 'forbidden'],
  ['src/discover/c.ts', '../engine/x.js', 'forbidden'],
  ['src/collect/a.ts', '../host/x.js', 'allowed'],
  ['src/collect/b.ts', '../routing/x.js', 'forbidden'],
  ['src/capture/a.ts', 'cap/lib/Decoders.js', 'allowed'],
  ['src/capture/b.ts', 'node:child_process', 'forbidden'],
  ['src/probe/a.ts', '../capture/x.js', 'forbidden'],
  ['src/witness/a.ts', 'node:fs/promises', 'forbidden'],
  ['src/repair/a.ts', '../engine/x.js', 'forbidden'],
  ['src/report/a.ts', '../model/x.js', 'allowed'],
  ['src/report/b.ts', '../netfilter/x.js', 'forbidden'],
  ['src/tui/a.ts', 'ink', 'allowed'],
  ['src/tui/b.ts', '../host/x.js', 'forbidden'],
  ['src/cli/a.ts', 'ink', 'forbidden'],
  ['src/cli/b.ts', 'commander', 'allowed'],
  ['src/cli/commands/c.ts', '../../netfilter/x.js', 'forbidden'],
  ['src/engine/a.ts', '../../checks/index.js', 'allowed'],
  ['src/engine/b.ts', '../report/x.js', 'forbidden'],
  ['src/engine/c.ts', 'node:fs', 'forbidden'],
  ['src/lab/a.ts', '../engine/x.js', 'forbidden'],
  ['src/lab/faults/b.ts', '../fault.js', 'allowed'],
  ['src/lab/c.ts', '../workshop/x.js', 'forbidden'],
  ['src/workshop/a.ts', '../lab/x.js', 'allowed'],
  ['src/workshop/b.ts', '../engine/x.js', 'forbidden'],
  ['src/workshop/c.ts', 'node:fs', 'forbidden'],
  ['src/host/a.ts', 'execa', 'allowed'],
  ['src/host/b.ts', '../parse/x.js', 'forbidden'],
  ['checks/host/a.ts', '../../src/routing/x.js', 'allowed'],
  ['checks/host/b.ts', '../../src/host/x.js', 'forbidden'],
  ['checks/c.ts', '../src/engine/x.js', 'forbidden'],
  ['checks/d.ts', 'node:fs', 'forbidden'],
  ['checks/e.ts', './host/a.js', 'allowed'],
];

describe('import boundaries', () => {
  let folder = '';
  const forbidden = new Set<string>();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vethoscope-lint-'));
    await mkdir(join(folder, 'test'));
    await cp(join(root, 'test/biome.json'), join(folder, 'test/biome.json'));
    for (const [file, source] of IMPORTS) {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await writeFile(join(folder, file), `import { a } from '${source}';\n\nexport const b = a;\n`);
    }
    const biome = join(root, 'node_modules/.bin/biome');
    const args = [
      'lint',
      '--config-path=test/biome.json',
      '--reporter=json',
      '--max-diagnostics=none',
      'src',
      'checks',
    ];
    const { stdout } = await execa(biome, args, { cwd: folder, reject: false });
    for (const diagnostic of JSON.parse(stdout).diagnostics)
      if (diagnostic.category === 'lint/style/noRestrictedImports')
        forbidden.add(diagnostic.location.path?.file ?? diagnostic.location.path);
  }, 30_000);

  afterAll(() => rm(folder, { recursive: true, force: true }));

  test.each(IMPORTS)('%s importing %s is %s', (file, _source, verdict) => {
    expect(forbidden.has(file)).toBe(verdict === 'forbidden');
  });
});
