import { expect, test } from 'vitest';
import { labForTest } from '../helpers/lab.js';
import { brokenRoles, runOf } from '../helpers/trace.js';

const HOST = '198.51.100.10';

test('a macvlan does not reach the host on its NIC, until the host has one beside it', async () => {
  const lab = await labForTest('macvlan');
  const run = runOf(await lab.trace(['net1', HOST]));
  expect(run.diagnosis).toMatchObject({ status: 'fault', cause: 'macvlan-host-unreachable', direction: 'forward' });
  expect(brokenRoles(run)).toBe('socket–container');

  await lab.run([
    'ip link add shim link eth0 type macvlan mode bridge',
    'ip addr add 198.51.100.60/32 dev shim',
    'ip link set shim up',
    'ip route add 198.51.100.50 dev shim',
  ]);
  const ping = await lab.exec(['ping', '-q', '-c', '2', '-W', '2', HOST], { netns: 'net1' });
  expect(ping.failure).toBeNull();
  expect(runOf(await lab.trace(['net1', HOST])).diagnosis).toMatchObject({ status: 'ok', cause: null });
});
