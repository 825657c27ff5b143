import { chmod, mkdir, mkdtemp, readdir, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { loadRun, pruneRuns, storedRuns, storeRun } from '../../../src/cli/run-store.js';
import { smallRun } from '../../helpers/small-run.js';

const DAY = 86_400_000;
let home = '';
const runs = () => join(home, 'vethoscope/runs');

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'vethoscope-store-'));
  vi.stubEnv('XDG_STATE_HOME', home);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(home, { recursive: true, force: true });
});

describe('storing', () => {
  test('makes private folders and files, and leaves nothing else', async () => {
    expect(await storeRun(smallRun('3f9c'))).toBeNull();
    expect((await stat(runs())).mode & 0o777).toBe(0o700);
    expect((await stat(join(runs(), '3f9c.json'))).mode & 0o777).toBe(0o600);
    expect(await readdir(runs())).toEqual(['3f9c.json']);
    expect(await loadRun('3f9c')).toEqual(smallRun('3f9c'));
  });

  test('replaces a link in place of the file and leaves what it led to', async () => {
    await storeRun(smallRun('aaaa'));
    const victim = join(home, 'victim');
    await writeFile(victim, 'mine');
    await symlink(victim, join(runs(), 'bbbb.json'));
    expect(await storeRun(smallRun('bbbb'))).toBeNull();
    expect((await stat(victim)).size).toBe(4);
    expect(await loadRun('bbbb')).toEqual(smallRun('bbbb'));
  });

  test('does not follow a link in place of its folder', async () => {
    const elsewhere = join(home, 'elsewhere');
    await mkdir(elsewhere);
    await mkdir(join(home, 'vethoscope'));
    await symlink(elsewhere, runs());
    expect(await storeRun(smallRun('cccc'))).toMatch(/is a link/);
    expect(await readdir(elsewhere)).toEqual([]);
  });

  test('says why when the folder cannot be had', async () => {
    await writeFile(join(home, 'vethoscope'), 'a file');
    expect(await storeRun(smallRun('dddd'))).toMatch(/EEXIST|ENOTDIR|is a link/);
  });

  test('writes as the user who called sudo, and only where that user may', async ({ skip }) => {
    skip(process.getuid?.() !== 0, 'only root can change its user');
    await chmod(home, 0o777);
    vi.stubEnv('SUDO_UID', '65534');
    vi.stubEnv('SUDO_GID', '65534');
    expect(await storeRun(smallRun('eeee'))).toBeNull();
    expect(await stat(join(runs(), 'eeee.json'))).toMatchObject({ uid: 65534, gid: 65534 });
    expect([process.geteuid?.(), process.getegid?.()]).toEqual([0, 0]);
    await rm(join(home, 'vethoscope'), { recursive: true });
    await chmod(home, 0o755);
    expect(await storeRun(smallRun('ffff'))).toMatch(/EACCES/);
    expect([process.geteuid?.(), process.getegid?.()]).toEqual([0, 0]);
  });
});

describe('loading', () => {
  test('finds a run by the beginning of its id, and refuses what is ambiguous or absent', async () => {
    for (const id of ['3f9c', '3f9d', '77aa']) await storeRun(smallRun(id));
    expect((await loadRun('77')).run.id).toBe('77aa');
    await expect(loadRun('3f')).rejects.toThrow(/2 stored runs begin with 3f/);
    await expect(loadRun('zz')).rejects.toThrow(/no stored run "zz"/);
    await expect(loadRun('../../etc/passwd')).rejects.toThrow(/cannot read|no run document|not JSON/);
  });

  test('refuses folders, devices and what is not there', async () => {
    await expect(loadRun('/')).rejects.toThrow(/not a regular file|EISDIR/);
    await expect(loadRun('/dev/zero')).rejects.toThrow(/not a regular file/);
    await expect(loadRun('./absent.json')).rejects.toThrow(/ENOENT/);
  });
});

test('pruning removes what is old, keeps the rest and touches nothing foreign', async () => {
  const now = Date.now();
  for (const id of ['aaaa', 'bbbb']) await storeRun(smallRun(id));
  await writeFile(join(runs(), 'notes.txt'), 'mine');
  for (const name of ['aaaa.json', 'notes.txt'])
    await utimes(join(runs(), name), new Date(now - 20 * DAY), new Date(now - 20 * DAY));
  expect((await pruneRuns(14 * DAY, now, true)).map((run) => run.id)).toEqual(['aaaa']);
  expect(await storedRuns()).toHaveLength(2);
  expect((await pruneRuns(14 * DAY, now, false)).map((run) => run.id)).toEqual(['aaaa']);
  expect(await readdir(runs())).toEqual(['bbbb.json', 'notes.txt']);
});
