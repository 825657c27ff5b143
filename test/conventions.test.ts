import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { checks } from '../checks/index.js';
import { findPage, pages } from '../src/cli/pages.js';
import { PROGRAMS } from '../src/host/programs.js';
import { faults } from '../src/lab/faults/index.js';
import { topologies } from '../src/lab/topologies/index.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const MAX_LINES = 350;

/** Not in the catalogue: what is reported where no check explains a drop. */
const UNEXPLAINED = 'unexplained-drop';

const filesIn = (folder: string): readonly string[] =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();

const text = (file: string): string => readFileSync(join(root, file), 'utf8');
const json = <T>(file: string): T => JSON.parse(text(file)) as T;
const baseName = (file: string): string => file.slice(file.lastIndexOf('/') + 1).replace(/\.(test\.)?tsx?$/, '');
const duplicates = (values: readonly string[]): readonly string[] =>
  values.filter((value, index) => values.indexOf(value) !== index);

const catalogue = json<readonly { id: string; group: string; reproduced: boolean }[]>('fixtures/catalogue.json');
const causes = new Set([...catalogue.flatMap(({ id, group }) => [id, group]), UNEXPLAINED]);

/** Files that hold a check: all but the registry, the definition and the shared parts. */
const checkFiles = filesIn('checks').filter((file) => /^checks\/(?!support\/)[^/]+\/[^/]+\.ts$/.test(file));

describe('checks', () => {
  const ids = checks.map((check) => check.meta.id);

  test('the registry is sorted by id and has every file', () => {
    expect(ids).toEqual([...ids].sort());
    expect([...ids].sort()).toEqual(checkFiles.map(baseName).sort());
  });

  test('no id and no code is used twice', () => {
    expect(duplicates(ids)).toEqual([]);
    expect(duplicates(checks.map((check) => check.meta.code))).toEqual([]);
  });

  test('the codes in use are those of the pages; none is used again', () => {
    type Entry = { readonly code: string; readonly check: string };
    const { inUse, retired } = json<{ inUse: readonly Entry[]; retired: readonly Entry[] }>('checks/codes.json');
    expect(inUse).toEqual(pages.map(({ meta }) => ({ code: meta.code, check: meta.id })));
    const codes = [...inUse, ...retired].map((entry) => entry.code);
    expect(duplicates(codes)).toEqual([]);
    for (const code of codes) expect(code).toMatch(/^V\d{4}$/);
  });

  test.each(ids)('%s has a test of its own', (id) => {
    expect(filesIn('test/checks')).toContain(`test/checks/${id}.test.ts`);
  });

  test.each([...checks])('$meta.id: its causes are in the catalogue and its page is complete', ({ meta, page }) => {
    for (const cause of [meta.id, ...meta.covers]) expect(causes.has(cause), cause).toBe(true);
    for (const part of [page.meaning, page.path, page.decided, page.prevention, meta.title])
      expect(part.trim()).not.toBe('');
    for (const list of [page.byHand, page.origins, page.fixes]) expect(list.length).toBeGreaterThan(0);
    if (page.lab !== null) expect(faults.map((fault) => fault.id)).toContain(page.lab);
    else expect(catalogue.filter(({ id, reproduced }) => meta.covers.includes(id) && reproduced)).toEqual([]);
  });

  test('the README lists every check, by code', () => {
    const rows = text('README.md')
      .split('\n')
      .filter((line) => /^\| V\d{4} /.test(line));
    expect(rows).toEqual(pages.map(({ meta }) => `| ${meta.code} | \`${meta.id}\` | ${meta.title} |`));
  });

  test('tests and fixtures of checks belong to a check', () => {
    const own = filesIn('test/checks').filter((file) => /^test\/checks\/[^/]+\.test\.ts$/.test(file));
    for (const file of own) expect(ids).toContain(baseName(file));
  });
});

describe('the lab', () => {
  const folder = (name: string) =>
    filesIn(`src/lab/${name}`)
      .map(baseName)
      .filter((id) => id !== 'index');

  test.each([
    ['faults', faults.map((fault) => fault.id)],
    ['topologies', topologies.map((topology) => topology.id)],
  ])('the registry of %s is sorted and has every file', (name, ids) => {
    expect(ids).toEqual([...ids].sort());
    expect(ids).toEqual([...folder(name)].sort());
  });

  test.each([...faults])('$id is in the catalogue, and so is every cause that is right', (fault) => {
    for (const cause of [fault.id, ...fault.expect.cause]) expect(causes.has(cause), cause).toBe(true);
    const entry = catalogue.find(({ id }) => id === fault.id);
    if (entry) expect(fault.expect.cause).toEqual([...new Set([entry.id, entry.group])]);
    expect(topologies.map((topology) => topology.id)).toContain(fault.topology);
  });

  test.each([...faults])('every cause that is right for $id has a page', (fault) => {
    for (const cause of fault.expect.fromHere ?? fault.expect.cause) expect(findPage(cause), cause).toBeDefined();
  });
});

describe('source', () => {
  const sources = [...filesIn('src'), ...filesIn('checks')].filter((file) => /\.tsx?$/.test(file));
  const tests = filesIn('test').filter((file) => file.endsWith('.test.ts'));

  test.each(sources)('%s is short', (file) => {
    expect(text(file).split('\n').length).toBeLessThanOrEqual(MAX_LINES);
  });

  test('no test is switched off or alone', () => {
    const alone = /\b(?:it|test|describe)(?:\.\w+)*\.(?:only|skip|todo|fails)\b/;
    expect(tests.filter((file) => file !== 'test/conventions.test.ts' && alone.test(text(file)))).toEqual([]);
  });

  test('no file holds an unfinished part', () => {
    expect(sources.filter((file) => /\b(?:TODO|FIXME|XXX)\b/.test(text(file)))).toEqual([]);
  });

  test('the set-up installs every package that the program or its tests run', async () => {
    const setup: { PROGRAMS: readonly { package: string }[] } = await import(join(root, 'test/setup/packages.mjs'));
    const installed = new Set([...setup.PROGRAMS.map((entry) => entry.package), 'coreutils']);
    for (const { debianPackage } of PROGRAMS) if (debianPackage !== null) expect(installed).toContain(debianPackage);
  });
});
