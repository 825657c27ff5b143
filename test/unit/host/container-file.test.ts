import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readContainerFile } from '../../../src/host/container-file.js';

const FILE = '/etc/resolv.conf';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'vethoscope-root-'));
  mkdirSync(join(root, 'etc'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const read = () => readContainerFile(root, FILE);

it('reads a regular file', async () => {
  writeFileSync(join(root, FILE), 'nameserver 192.0.2.1\n');
  expect(await read()).toEqual({ ok: true, text: 'nameserver 192.0.2.1\n' });
});

it('takes an absolute link from the container’s root, never from the host’s', async () => {
  symlinkSync('/etc/hostname', join(root, FILE));
  expect(await read()).toMatchObject({ ok: false, reason: 'failed' });
  writeFileSync(join(root, 'etc/hostname'), 'inside');
  expect(await read()).toEqual({ ok: true, text: 'inside' });
});

it('takes an absolute link of a folder from the container’s root', async () => {
  rmSync(join(root, 'etc'), { recursive: true });
  symlinkSync('/etc', join(root, 'etc'));
  expect(await read()).toMatchObject({ ok: false, message: expect.stringContaining('too many links') });
  rmSync(join(root, 'etc'));
  symlinkSync('/var', join(root, 'etc'));
  mkdirSync(join(root, 'var'));
  writeFileSync(join(root, 'var/resolv.conf'), 'var');
  expect(await read()).toEqual({ ok: true, text: 'var' });
});

it('stops `..` at the container’s root', async () => {
  symlinkSync('../../../../../../../../etc/target', join(root, FILE));
  writeFileSync(join(root, 'etc/target'), 'inside');
  expect(await read()).toEqual({ ok: true, text: 'inside' });
});

it('follows a chain of relative links', async () => {
  mkdirSync(join(root, 'run/systemd/resolve'), { recursive: true });
  writeFileSync(join(root, 'run/systemd/resolve/stub'), 'stub');
  symlinkSync('../run/systemd/resolve/stub', join(root, FILE));
  expect(await read()).toEqual({ ok: true, text: 'stub' });
});

it('refuses a FIFO without waiting for a writer', async () => {
  execFileSync('mkfifo', [join(root, FILE)]);
  expect(await read()).toMatchObject({ ok: false, message: expect.stringContaining('a FIFO') });
});

it('refuses a directory, a missing file and a file above 64 KiB', async () => {
  expect(await read()).toMatchObject({ ok: false, message: expect.stringContaining('no such file') });
  mkdirSync(join(root, FILE));
  expect(await read()).toMatchObject({ ok: false, message: expect.stringContaining('a directory') });
  rmSync(join(root, FILE), { recursive: true });
  writeFileSync(join(root, FILE), 'x'.repeat(64 * 1024));
  expect(await read()).toMatchObject({ ok: true });
  writeFileSync(join(root, FILE), 'x'.repeat(64 * 1024 + 1));
  expect(await read()).toMatchObject({ ok: false, message: expect.stringContaining('larger than 64 KiB') });
});
