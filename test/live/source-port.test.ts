import { afterEach, describe, expect, test } from 'vitest';
import { type Fault, traceArguments } from '../../src/lab/fault.js';
import { nfMasqFailoverFirstPacket } from '../../src/lab/faults/nf-masq-failover-first-packet.js';
import { pubUdpStaleConntrack } from '../../src/lab/faults/pub-udp-stale-conntrack.js';
import { EXIT } from '../../src/model/errors.js';
import { openLab, PROGRAM, type TestLab } from '../helpers/lab.js';
import { runOf } from '../helpers/trace.js';

let lab: TestLab;
const labFor = async ({ topology }: Fault): Promise<void> => {
  lab = await openLab(topology);
};
const traced = async ({ probe }: Fault) => runOf(await lab.trace(traceArguments(lab.topology, probe)));

const TAKE =
  'socket my $s, PF_INET, SOCK_DGRAM, 0; bind $s, sockaddr_in(45454, INADDR_ANY); print "bound\\n"; sleep 60';

describe('--source-port', () => {
  afterEach(() => lab.close());

  test('a flow of a steady client is seen as conntrack knew it before; a client of another port is not harmed by it', async () => {
    await labFor(pubUdpStaleConntrack);
    await lab.run(pubUdpStaleConntrack.break);
    const { diagnosis, evidence } = await traced(pubUdpStaleConntrack);
    expect(diagnosis.cause).toBe('pub-udp-stale-conntrack');
    const known = evidence?.before['host']?.conntrack;
    expect(known?.ok && known.value.entries.map(({ reply }) => reply.src)).toEqual(['198.51.100.10']);
    expect(evidence?.probe?.answers.map(({ sourcePort }) => sourcePort)).toEqual([45_454]);
    const { probe } = pubUdpStaleConntrack;
    const other = await traced({ ...pubUdpStaleConntrack, ...(probe && { probe: { ...probe, sourcePort: 45_455 } }) });
    expect(other.diagnosis.status).toBe('ok');
  });

  test('the packet after the one that NAT dropped passes, by the other uplink', async () => {
    await labFor(nfMasqFailoverFirstPacket);
    await lab.echo('outside', '203.0.113.5', 7777);
    await lab.run(nfMasqFailoverFirstPacket.break);
    expect((await traced(nfMasqFailoverFirstPacket)).diagnosis.cause).toBe('nf-masq-failover-first-packet');
    const next = await traced(nfMasqFailoverFirstPacket);
    expect(next.diagnosis).toMatchObject({ status: 'ok', cause: null });
    expect(next.diagnosis.rewrites.map(({ after }) => after)).toContain('198.51.101.10');
  });

  test('NAT drops no packet of a flow that a rule of SNAT translated, and none is blamed on it', async () => {
    await labFor(nfMasqFailoverFirstPacket);
    await lab.echo('outside', '203.0.113.5', 7777);
    await lab.run([
      'iptables -t nat -F POSTROUTING',
      'iptables -t nat -A POSTROUTING -s 192.168.0.0/24 ! -o br0 -j SNAT --to-source 198.51.100.10',
      ...nfMasqFailoverFirstPacket.break,
    ]);
    const { evidence, path, findings } = await traced(nfMasqFailoverFirstPacket);
    expect(findings.map(({ cause }) => cause)).not.toContain('nf-masq-failover-first-packet');
    const uplink = path?.hops.find(({ role }) => role === 'uplink');
    expect(uplink?.ifname).toBe('eth1');
    expect(evidence?.sightings.filter(({ hop, kind }) => hop === uplink?.id && kind === 'request')).toHaveLength(1);
  });

  test('a port that is taken, and a flow that is not of UDP, are refused', async () => {
    await labFor(nfMasqFailoverFirstPacket);
    lab.start(['perl', '-MSocket', '-e', `$| = 1; ${TAKE}`], 'net1');
    await lab.exec('until ss -Hlun sport = :45454 | grep -q .; do sleep 0.05; done', {
      netns: 'net1',
      timeoutMs: 5000,
    });
    const ask = (destination: string) =>
      lab.exec([...PROGRAM, 'trace', 'net1', destination, '--source-port', '45454', '--no-save']);
    const taken = await ask('udp://203.0.113.5:7777');
    expect(taken.stderr).toContain('the port that the probe was to be sent from is taken there');
    expect(taken.exitCode).toBe(EXIT.usage);
    const echo = await ask('203.0.113.5');
    expect(echo.stderr).toContain('--source-port works with UDP probes only');
    expect(echo.exitCode).toBe(EXIT.usage);
  });
});
