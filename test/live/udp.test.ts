import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Run } from '../../src/model/run.js';
import { dualStack } from '../helpers/dual-stack.js';
import { openLab, type TestLab } from '../helpers/lab.js';
import { brokenRoles, runOf } from '../helpers/trace.js';

const ECHO_PORT = 7007;
const CLOSED_PORT = 7008;
const SILENT_PORT = 7009;

/** Holds a UDP port and never answers. */
const SILENT = `const s = require('node:dgram').createSocket(process.argv[1].includes(':') ? 'udp6' : 'udp4');
s.bind(${SILENT_PORT}, process.argv[1], () => console.log('listening'));`;

const counts = (run: Run): readonly string[] =>
  run.path.hops
    .filter(({ captured }) => captured)
    .map(({ forward, return: back }) => `${forward.seen}/${forward.of} ${back.seen}/${back.of}`);

describe.each([
  { family: 4, address: '203.0.113.5', written: '203.0.113.5', source: '192.168.0.2', filter: 'iptables' },
  {
    family: 6,
    address: '2001:db8:ffff::5',
    written: '[2001:db8:ffff::5]',
    source: '2001:db8:1::2',
    filter: 'ip6tables',
  },
])('UDP over IPv$family', ({ address, written, source, filter }) => {
  let lab: TestLab;
  const trace = async (port: number, wait = '1s'): Promise<Run> =>
    runOf(await lab.trace(['net1', `udp://${written}:${port}`, '--wait', wait]));

  beforeAll(async () => {
    lab = await openLab('textbook');
    await lab.run(dualStack);
    await lab.echo('outside', address, ECHO_PORT);
    const silent = lab.start([process.execPath, '-e', SILENT, address], 'outside');
    await new Promise((resolve) => silent.stdout.once('data', resolve));
  });

  afterAll(() => lab.close());

  const broken = async (rule: string, port: number, wait?: string): Promise<Run> => {
    await lab.run([`${filter} -A FORWARD ${rule}`]);
    try {
      return await trace(port, wait);
    } finally {
      await lab.run([`${filter} -D FORWARD ${rule}`]);
    }
  };

  test('an answer is followed over every hop, there and back', async () => {
    const run = await trace(ECHO_PORT);
    expect(run.diagnosis).toMatchObject({ status: 'ok', cause: null });
    expect(counts(run)).toEqual(['3/3 3/3', '3/3 3/3', '3/3 3/3', '3/3 3/3']);
    expect(run.probe?.answers.map(({ outcome }) => outcome)).toEqual(['answered', 'answered', 'answered']);
    expect(run.kernelDrops).toEqual([]);
  });

  test('a port unreachable of the destination says that the port is closed there, not here', async () => {
    const run = await trace(CLOSED_PORT);
    expect(run.diagnosis).toMatchObject({ status: 'fault', cause: 'pub-service-not-listening', direction: 'forward' });
    expect(run.diagnosis.title).toContain('is refused, from outside this host');
    expect(run.probe?.answers).toMatchObject([1, 2, 3].map(() => ({ outcome: 'refused', text: 'port unreachable' })));
    expect(run.path.hops.at(-2)?.forward).toEqual({ seen: 3, of: 3 });
  });

  test('a silent service is not taken for a fault: it need not answer', async () => {
    const run = await trace(SILENT_PORT);
    expect(run.diagnosis).toMatchObject({ status: 'inconclusive', cause: null });
    expect(run.diagnosis.summary).toContain('UDP');
    expect(counts(run)).toEqual(['3/3 0/3', '3/3 0/3', '3/3 0/3', '3/3 0/3']);
  });

  test('a port of the host itself that is closed, or silent', async () => {
    const gateway = written.includes(':') ? '2001:db8:1::1' : '192.168.0.1';
    const silent = lab.start([process.execPath, '-e', SILENT, gateway]);
    await new Promise((resolve) => silent.stdout.once('data', resolve));
    const destination = written.includes(':') ? `[${gateway}]` : gateway;
    const closed = runOf(await lab.trace(['net1', `udp://${destination}:${CLOSED_PORT}`]));
    expect(closed.diagnosis).toMatchObject({ status: 'fault', cause: 'pub-service-not-listening' });
    expect(closed.diagnosis.title).toBe(`nothing listens on udp port ${CLOSED_PORT} of this host`);
    expect(brokenRoles(closed)).toBe('bridge–service');
    const quiet = runOf(await lab.trace(['net1', `udp://${destination}:${SILENT_PORT}`]));
    expect(quiet.diagnosis).toMatchObject({ status: 'inconclusive', cause: null });
    expect(quiet.diagnosis.summary).toContain('UDP');
  });

  test('a rule of FORWARD that drops the request ends the wait for an answer', async () => {
    const run = await broken(`-s ${source} -p udp -j DROP`, ECHO_PORT, '14s');
    expect(run.diagnosis).toMatchObject({
      status: 'fault',
      cause: 'nf-rule-drop',
      direction: 'forward',
      confidence: 'certain',
    });
    expect(brokenRoles(run)).toBe('bridge–uplink');
    expect(run.kernelDrops.map(({ probe, way }) => `${probe} ${way}`)).toEqual(['1 forward', '2 forward', '3 forward']);
    expect(run.probe?.answers.map(({ outcome }) => outcome)).toEqual(['timeout', 'timeout', 'timeout']);
    for (const line of run.probe?.output.trim().split('\n') ?? []) expect(JSON.parse(line).rttMs).toBeLessThan(14_000);
  });

  // Beside another trace on a busy machine the witness has missed one of the three drops: seen once in a dozen runs, not explained.
  test('a rule of FORWARD that drops the reply', { retry: 1 }, async () => {
    const run = await broken(`-d ${source} -p udp -j DROP`, ECHO_PORT);
    expect(run.diagnosis).toMatchObject({
      status: 'fault',
      cause: 'nf-rule-drop',
      direction: 'return',
      confidence: 'certain',
    });
    expect(brokenRoles(run)).toBe('bridge–uplink');
    expect(counts(run)).toEqual(['3/3 0/3', '3/3 0/3', '3/3 0/3', '3/3 3/3']);
    expect(run.kernelDrops.map(({ probe, way }) => `${probe} ${way}`)).toEqual(['1 return', '2 return', '3 return']);
  });

  test('a REJECT on the way is told from a closed port of the destination', async () => {
    const run = await broken('-p udp -j REJECT', ECHO_PORT);
    expect(run.probe?.answers.map(({ outcome }) => outcome)).toEqual(['refused', 'refused', 'refused']);
    expect(run.diagnosis).toMatchObject({ status: 'fault', cause: 'nf-reject-port-unreachable', direction: 'forward' });
    expect(brokenRoles(run)).toBe('bridge–uplink');
  });
});
