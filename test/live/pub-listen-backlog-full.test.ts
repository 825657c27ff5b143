import { expect, test } from 'vitest';
import { labForTest } from '../helpers/lab.js';
import { brokenRoles, runOf } from '../helpers/trace.js';

/** Takes connections in and accepts none; ends with the lab. */
const LISTEN =
  '$s = IO::Socket::INET->new(LocalAddr => "0.0.0.0", LocalPort => 82, Listen => 1, ReuseAddr => 1) or die; sleep 600';
/** Connections that nobody accepts, of which the queue takes one more than its room. */
const CONNECT =
  'push @c, IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => 82, Timeout => 0.3) for 1 .. 2; sleep 600';

const inBackground = (program: string): string =>
  `ip netns exec net1 perl -MIO::Socket::INET -e '${program}' </dev/null >/dev/null 2>&1 &`;
const queued = (waiting: number): string =>
  `for i in $(seq 50); do ip netns exec net1 ss -Hltn sport = 82 | grep -q "LISTEN ${waiting} " && break; sleep 0.1; done`;

test('a program that listens and does not accept is told from one that is not there, and from the network', async () => {
  const lab = await labForTest('published');
  const trace = async () =>
    runOf(await lab.trace(['net1', 'tcp://198.51.100.10:8082', '--inbound', '--simulate', 'netns:outside']));
  await lab.run([
    'iptables -t nat -A DOCKER ! -i br0 -p tcp --dport 8082 -j DNAT --to-destination 192.168.0.2:82',
    'iptables -A DOCKER -d 192.168.0.2/32 ! -i br0 -o br0 -p tcp --dport 82 -j ACCEPT',
    inBackground(LISTEN),
    queued(0),
  ]);
  const filling = await trace();
  expect(filling.diagnosis).toMatchObject({ status: 'degraded', cause: 'pub-listen-backlog-full' });
  expect(filling.findings[0]?.evidence.map(({ text }) => text)).toContain(
    'listening socket of port 82: Recv-Q 0, Send-Q 1, and 2 connections of the probe were taken in',
  );

  await lab.run([inBackground(CONNECT), queued(2)]);
  const run = await trace();
  expect(run.diagnosis).toMatchObject({ status: 'fault', cause: 'pub-listen-backlog-full', direction: 'forward' });
  expect(brokenRoles(run)).toBe('container–service');
  expect(run.findings[0]?.evidence.map(({ text }) => text)).toContain(
    'listening socket of port 82: Recv-Q 2, Send-Q 1',
  );
  expect(run.findings[0]?.evidence.map(({ kind }) => kind)).toContain('counted');
});
