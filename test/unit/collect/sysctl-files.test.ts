import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readSysctlFiles } from '../../../src/collect/sysctl-files.js';
import { parseSysctlConf } from '../../../src/parse/sysctl-conf.js';

test('the assignments of a file, with their lines', () => {
  const text = '# net.a = 1\n; net.b = 1\nnet.ipv4.ip_forward=1\n -net/ipv4/conf/eth0.5/rp_filter = 2 \nnonsense\n';
  expect(parseSysctlConf(text)).toEqual([
    { key: 'net.ipv4.ip_forward', value: '1', line: 3 },
    { key: 'net.ipv4.conf.eth0/5.rp_filter', value: '2', line: 4 },
  ]);
});

test('files are read by name over all folders, the first folder replaces, and /etc/sysctl.conf comes last', async () => {
  const root = await mkdtemp(join(tmpdir(), 'vethoscope-sysctl-'));
  onTestFinished(() => rm(root, { recursive: true }));
  const [etc, lib] = [join(root, 'etc'), join(root, 'lib')];
  await Promise.all([mkdir(etc), mkdir(lib)]);
  await writeFile(join(etc, '50-a.conf'), 'net.a=etc\nkernel.b=1\n');
  await writeFile(join(lib, '50-a.conf'), 'net.a=lib\n');
  await writeFile(join(lib, '10-b.conf'), 'net.b=lib\n');
  await writeFile(join(lib, 'README'), 'net.c=1\n');
  await writeFile(join(root, 'sysctl.conf'), 'net.a=last\n');
  await utimes(join(root, 'sysctl.conf'), 1_764_000_000, 1_764_000_000);
  const lines = await readSysctlFiles([etc, join(root, 'none'), lib], [join(root, 'sysctl.conf'), join(root, 'gone')]);
  expect(lines.map(({ key, value }) => `${key}=${value}`)).toEqual(['net.b=lib', 'net.a=etc', 'net.a=last']);
  expect(lines.at(-1)).toMatchObject({ line: 1, modified: '2025-11-24T16:00:00.000Z' });
});
