import { afterEach, beforeEach, expect, test } from 'vitest';
import { EXIT } from '../../src/model/errors.js';
import { bareHost, vethoscopeIn } from '../helpers/bare-lab.js';
import { inventoryOf } from '../helpers/inventory.js';
import { openLab, type TestLab } from '../helpers/lab.js';

let lab: TestLab | null = null;

beforeEach(() => {
  lab = null;
});

afterEach(() => lab?.close());

const mendedAndUndone = async (made: TestLab, flow: readonly string[]): Promise<string> => {
  const vethoscope = vethoscopeIn(made);
  const before = await inventoryOf(made);
  const fixed = await vethoscope(['fix', ...flow, '--apply']);
  expect(fixed.exitCode, fixed.stdout + fixed.stderr).toBe(EXIT.ok);
  expect((await made.trace(flow)).run?.diagnosis.status).toBe('ok');
  const undone = await vethoscope(['undo', '--last']);
  expect(undone.exitCode, undone.stdout + undone.stderr).toBe(EXIT.ok);
  expect(await inventoryOf(made)).toBe(before);
  return fixed.stdout;
};

test.each([
  ['the way out is not accepted', 'iptables-legacy -D FORWARD -i br0 ! -o br0 -j ACCEPT'],
  [
    'the answers are not accepted',
    'iptables-legacy -D FORWARD -o br0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
  ],
  ['nothing is translated', 'iptables-legacy -t nat -F POSTROUTING'],
])('with the legacy back-end, %s', async (_, broken) => {
  lab = await openLab('iptables-legacy');
  await lab.run([broken]);
  expect(await mendedAndUndone(lab, ['net1', '203.0.113.5'])).toContain('iptables');
});

test.each([
  ['forwarding is off', 'sysctl -qw net.ipv6.conf.all.forwarding=0'],
  ['the policy drops', 'ip6tables -P FORWARD DROP; ip6tables -F FORWARD'],
])('with IPv6, %s', async (_, broken) => {
  lab = await openLab(bareHost);
  await lab.run([
    'ip addr add 2001:db8:1::10/64 dev eth0 nodad',
    'ip -n outside addr add 2001:db8:1::1/64 dev up0 nodad',
    'ip -6 route add default via 2001:db8:1::1',
  ]);
  const built = await vethoscopeIn(lab)([
    'build',
    'net1',
    '--ipv6',
    '--iptables',
    '--apply',
    '--destination',
    '2001:db8:1::1',
  ]);
  expect(built.exitCode, built.stdout + built.stderr).toBe(EXIT.ok);
  await lab.run([broken]);
  await mendedAndUndone(lab, ['net1', '2001:db8:1::1']);
});
