import { expect, test } from 'vitest';
import { diagnose } from '../../../src/engine/diagnose.js';
import { fileOf } from '../../../src/engine/setting-files.js';
import type { SysctlLine } from '../../../src/model/sysctl-line.js';
import { recorded } from '../../helpers/evidence.js';

const line = (key: string, value: string, file: string): SysctlLine => ({
  key,
  value,
  file,
  line: 12,
  modified: '2026-11-20T02:41:07.000Z',
});

const originWith = (id: string, ...sysctlFiles: readonly SysctlLine[]) =>
  diagnose({ ...recorded(id), sysctlFiles }).findings[0]?.origin;

const OWNER = 'a file of settings, last written 2026-11-20 02:41 UTC';

test('a setting that a file makes is put down to its line', () => {
  const file = '/etc/sysctl.d/60-hardening.conf';
  expect(originWith('host-ip-forward-off', line('net.ipv4.ip_forward', '0', file))).toEqual({
    owner: OWNER,
    file,
    line: 12,
  });
});

test('the last file counts', () => {
  const [first, second] = ['/etc/sysctl.d/10.conf', '/etc/sysctl.conf'];
  const key = 'net.ipv4.ip_forward';
  expect(originWith('host-ip-forward-off', line(key, '0', first), line(key, '0', second))?.file).toBe(second);
  expect(originWith('host-ip-forward-off', line(key, '0', first), line(key, '1', second))).toBeUndefined();
});

test('a file that says otherwise did not make it, and no file of another key', () => {
  expect(originWith('host-ip-forward-off', line('net.ipv4.ip_forward', '1', '/etc/sysctl.conf'))).toBeUndefined();
  expect(
    originWith('host-ip-forward-off', line('net.ipv6.conf.all.forwarding', '0', '/etc/sysctl.conf')),
  ).toBeUndefined();
  expect(originWith('host-ip-forward-off')).toBeUndefined();
});

test('an asterisk stands for the name of a device; settings of the container are in no file of the host', () => {
  const evidence = recorded('host-ip-forward-off');
  const [found] = diagnose(evidence).findings;
  if (!found) throw new Error('no finding');
  const about = (netns: string) =>
    fileOf(
      { ...found, place: { ...found.place, netns, object: 'net.ipv4.conf.br0.forwarding' } },
      { ...evidence, sysctlFiles: [line('net.ipv4.conf.*.forwarding', '0', '/etc/sysctl.conf')] },
    );
  expect(about('host')?.file).toBe('/etc/sysctl.conf');
  expect(about('target')).toBeNull();
});
