import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Run } from '../../src/model/run.js';
import { DESTINATION6, dualStack } from '../helpers/dual-stack.js';
import { openLab, PROGRAM, type TestLab } from '../helpers/lab.js';
import { brokenRoles, runOf } from '../helpers/trace.js';

const TCP = 'tcp://203.0.113.5:80';

describe('the full-size packet that follows an answered probe', () => {
  let lab: TestLab;
  const trace = async (...args: readonly string[]): Promise<Run> => runOf(await lab.trace(['net1', ...args]));
  /** Traces while something is broken. */
  const broken = async (commands: readonly string[], undo: readonly string[], ...args: readonly string[]) => {
    await lab.run(commands);
    try {
      return await trace(...args);
    } finally {
      await lab.run(undo);
    }
  };

  beforeAll(async () => {
    lab = await openLab('textbook');
    await lab.run(dualStack);
    await lab.serve('outside', '203.0.113.5', 80);
  });

  afterAll(() => lab.close());

  test.each(['203.0.113.5', DESTINATION6, TCP])(
    'to %s is answered too where the path is whole',
    async (destination) => {
      const { diagnosis, probe } = await trace(destination);
      expect(diagnosis).toMatchObject({ status: 'ok', aboutSize: 'one of 1500 bytes was answered too' });
      expect(probe?.answered).toBe(3);
    },
  );

  test('is left out where the user says so, or chooses a size', async () => {
    for (const option of ['--no-full-size', '--size=700', '--df'])
      expect((await trace('203.0.113.5', option)).evidence?.fullSize, option).toBeUndefined();
  });

  test('is announced before it is sent', async () => {
    const { stdout } = await lab.exec([...PROGRAM, 'trace', 'net1', '203.0.113.5', '--dry-run']);
    expect(stdout).toContain('one packet of 1500 bytes that must not be fragmented');
  });

  const small = ['ip -n outside link set up0 mtu 1400', 'ip link set eth0 mtu 1400'];
  const whole = ['ip link set eth0 mtu 1500', 'ip -n outside link set up0 mtu 1500', 'ip -n net1 route flush cache'];

  test('is no fault where the host says what it may have, as TCP then adapts', async () => {
    const run = await broken(small, whole, TCP);
    expect(run.diagnosis).toMatchObject({
      status: 'ok',
      aboutSize: '192.168.0.1 tells the container a path MTU of 1400 bytes',
    });
  });

  test('shows a black hole that a TCP handshake does not', async () => {
    const run = await broken([...small, 'iptables -A OUTPUT -p icmp -j DROP'], ['iptables -F OUTPUT', ...whole], TCP);
    expect(run.diagnosis).toMatchObject({
      status: 'degraded',
      cause: 'pmtu-blackhole-host-output-blocked',
      packetBytes: 1500,
    });
    expect(brokenRoles(run)).toBe('bridge–uplink');
    expect(run.probe).toMatchObject({ protocol: 'tcp', answered: 3 });
  });

  test('shows it for IPv6, where every router has to say "packet too big"', async () => {
    const run = await broken(
      [...small, 'ip6tables -A OUTPUT -p icmpv6 --icmpv6-type packet-too-big -j DROP'],
      ['ip6tables -F OUTPUT', ...whole, 'ip -n net1 -6 route flush cache'],
      DESTINATION6,
    );
    expect(run.diagnosis).toMatchObject({ status: 'degraded', cause: 'ip6-ptb-blocked' });
    expect(run.findings[0]?.remedies[0]?.commands[0]?.join(' ')).toContain('--icmpv6-type packet-too-big -j ACCEPT');
  });

  test('with a chosen size is lost at the router that turns it away, not at the socket', async () => {
    const run = await broken(small, whole, '203.0.113.5', '--df', '--size', '1472');
    expect(run.diagnosis).toMatchObject({ status: 'fault', cause: 'nic-mtu-small-df', direction: 'forward' });
    expect(brokenRoles(run)).toBe('bridge–uplink');
  });

  test('is not held against TCP where a rule drops large echoes alone', async () => {
    const rule = 'FORWARD -p icmp -m length --length 1000:65535 -j DROP';
    const { diagnosis, findings } = await broken([`iptables -A ${rule}`], [`iptables -D ${rule}`], TCP);
    expect(diagnosis.status).toBe('ok');
    expect(diagnosis.aboutSize).toContain('an echo, is dropped here: FORWARD rule 1');
    expect(findings).toEqual([]);
  });

  test('says nothing where the destination answers no echoes, though its service works', async () => {
    const ignore = 'ip netns exec outside sysctl -qw net.ipv4.icmp_echo_ignore_all';
    const { diagnosis } = await broken([`${ignore}=1`], [`${ignore}=0`], TCP);
    expect(diagnosis).toMatchObject({ status: 'ok', summary: '3 of 3 probes were answered' });
  });
});
