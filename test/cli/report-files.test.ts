import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { labForTest, PROGRAM, type TestLab } from '../helpers/lab.js';

const RUN = fileURLToPath(new URL('../../fixtures/runs/host-ip-forward-off.json', import.meta.url));

const report = (lab: TestLab, folder: string, formats = 'md,html,json') =>
  lab.exec([
    'env',
    `XDG_STATE_HOME=${lab.stateFolder}`,
    ...PROGRAM,
    'report',
    RUN,
    '-o',
    formats,
    '--output-dir',
    folder,
  ]);

const listed = async (lab: TestLab, folder: string): Promise<string> =>
  (await lab.exec(['find', folder, '-mindepth', '1', '-printf', '%f %m\n'])).stdout.trim();

test('a disk that fills while a report is written: one clear line, and no part of the report stays', async () => {
  const lab = await labForTest('textbook');
  await lab.run(['mkdir /run/small', 'mount -t tmpfs -o size=24k small /run/small']);
  const { exitCode, stderr } = await report(lab, '/run/small');
  expect(
    stderr
      .trim()
      .split('\n')
      .filter((line) => !line.startsWith('the map of')),
  ).toEqual([expect.stringMatching(/^error: cannot write: ENOSPC/)]);
  expect(exitCode).toBe(2);
  expect(await listed(lab, '/run/small')).toBe('');
});

test('a link in the way is replaced, and what it names stays as it was', async () => {
  const lab = await labForTest('textbook');
  await lab.run(['mkdir /run/out', 'echo keep > /run/precious', 'ln -s /run/precious /run/out/run-3f9c.md']);
  expect((await report(lab, '/run/out', 'md,json')).exitCode).toBe(0);
  expect((await lab.exec(['cat', '/run/precious'])).stdout.trim()).toBe('keep');
  expect(await listed(lab, '/run/out')).toMatch(/^run-3f9c\.md 600$/m);
});

test.each([
  [
    'cannot be written to',
    ['mkdir /run/ro', 'mount -t tmpfs -o ro none /run/ro'],
    '/run/ro/reports',
    /EROFS|read-only/i,
  ],
  ['is a file', ['echo keep > /run/a-file'], '/run/a-file', /EEXIST|ENOTDIR|not a (?:folder|directory)/i],
  ['lies below a file', ['echo keep > /run/a-file'], '/run/a-file/reports', /ENOTDIR|not a (?:folder|directory)/i],
])('a folder that %s: one clear line, and nothing is written', async (_, commands, folder, why) => {
  const lab = await labForTest('textbook');
  await lab.run(commands);
  const before = await listed(lab, '/run');
  const { exitCode, stderr } = await report(lab, folder);
  expect(stderr).toMatch(/^(?:the map of [^\n]*\n)?error: cannot write: [^\n]*\n(?:hint: [^\n]*\n)?$/);
  expect(stderr).toMatch(why);
  expect(exitCode).toBe(2);
  expect(await listed(lab, '/run')).toBe(before);
});

test('a report of the same run is written over the one before, readable by its owner alone', async () => {
  const lab = await labForTest('textbook');
  for (const _ of [1, 2]) expect((await report(lab, '/run/twice', 'md,html')).exitCode).toBe(0);
  expect((await listed(lab, '/run/twice')).split('\n').toSorted()).toEqual(['run-3f9c.html 600', 'run-3f9c.md 600']);
});
