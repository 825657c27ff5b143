import { expect, test } from 'vitest';
import { controlGroupFolder, controlGroupMount, inControlGroup } from '../../../src/host/control-group.js';
import { runCommand } from '../../../src/host/run-command.js';

const LINES = {
  legacy: '34 32 0:29 / /sys/fs/cgroup/cpu rw,relatime shared:9 - cgroup cgroup rw,cpu',
  unified: '40 32 0:35 / /sys/fs/cgroup/unified rw,relatime shared:15 - cgroup2 cgroup2 rw,nsdelegate',
  part: '41 32 0:35 /kube\\040pods /mnt/a\\040b rw,relatime - cgroup2 cgroup2 rw',
};

test.each([
  ['beside the legacy hierarchies', [LINES.legacy, LINES.unified], { folder: '/sys/fs/cgroup/unified', root: '/' }],
  ['a part of it, with blanks', [LINES.part], { folder: '/mnt/a b', root: '/kube pods' }],
  ['legacy hierarchies alone', [LINES.legacy], null],
])('the mount of version 2: %s', (_, lines, mount) => {
  expect(controlGroupMount(lines.join('\n'))).toEqual(mount);
});

const whole = { folder: '/sys/fs/cgroup', root: '/' };
const part = { folder: '/mnt', root: '/kubepods' };

test.each([
  ['0::/system.slice/web.service\n', whole, '/sys/fs/cgroup/system.slice/web.service'],
  ['4:memory:/other\n0::/web\n', whole, '/sys/fs/cgroup/web'],
  ['0::/\n', whole, '/sys/fs/cgroup/'],
  ['0::/kubepods/pod1\n', part, '/mnt/pod1'],
  ['0::/kubepods\n', part, '/mnt'],
  ['0::/kubepods2/pod1\n', part, null],
  ['0::/../web\n', whole, null],
  ['0::/web (deleted)\n', whole, null],
  ['4:memory:/other\n', whole, null],
  ['0::/web\n', null, null],
])('%j under %j is %s', (text, mount, folder) => {
  expect(controlGroupFolder(text, mount)).toBe(folder);
});

test('a command outside of a control group stays as it is', () => {
  expect(inControlGroup(undefined, ['ping', '203.0.113.5'])).toEqual(['ping', '203.0.113.5']);
});

test('a group that cannot be entered is named, and the command does not run', async () => {
  const { exitCode, stdout, stderr } = await runCommand(inControlGroup('/no/such/group', ['echo', 'sent']));
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
  expect(stderr).toContain('cannot enter the control group /no/such/group\n');
});
