import { expect, test } from 'vitest';
import { labForTest } from '../helpers/lab.js';
import { brokenRoles, runOf } from '../helpers/trace.js';

const BROADCAST = '198.51.100.255';

test('what is sent to a group or to everybody ends on the bridge, and is named, unless the host hands it on', async () => {
  const lab = await labForTest('textbook');
  const trace = async (destination: string) => runOf(await lab.trace(['net1', destination]));

  for (const [destination, cause] of [
    ['239.1.2.3', 'host-multicast-not-forwarded'],
    ['udp://224.0.0.251:5353', 'host-multicast-not-forwarded'],
    ['255.255.255.255', 'host-broadcast-not-forwarded'],
    ['udp://255.255.255.255:9', 'host-broadcast-not-forwarded'],
    [BROADCAST, 'host-broadcast-not-forwarded'],
    [`tcp://${BROADCAST}:80`, 'host-broadcast-not-forwarded'],
  ] as const) {
    const run = await trace(destination);
    expect(run.diagnosis, destination).toMatchObject({ status: 'fault', cause, direction: 'forward' });
    expect(run.diagnosis.confidence, destination).toBe('certain');
    expect(brokenRoles(run), destination).toBe('bridge–uplink');
  }

  await lab.run(['all', 'br0'].map((device) => `sysctl -qw net.ipv4.conf.${device}.bc_forwarding=1`));
  const handedOn = await trace(BROADCAST);
  expect(handedOn.findings.map(({ check }) => check)).not.toContain('host-no-l3-broadcast');
  expect(handedOn.path.hops.find(({ role }) => role === 'uplink')?.forward.seen).toBe(3);
});

test('nobody has to answer for the whole network of the container: one address is asked for', async () => {
  const lab = await labForTest('textbook');
  const result = await lab.trace(['net1', '192.168.0.255']);
  expect(result.exitCode).toBe(2);
  expect(result.stdout).toContain("192.168.0.255 is the broadcast address of net1's own network");
});
