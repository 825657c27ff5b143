import { afterAll, beforeAll, expect, test } from 'vitest';
import { EXIT } from '../../src/model/errors.js';
import { openLab, PROGRAM, type TestLab } from '../helpers/lab.js';
import { brokenRoles, runOf } from '../helpers/trace.js';

let lab: TestLab;

beforeAll(async () => {
  lab = await openLab('openstack');
});
afterAll(() => lab.close());

const trace = () => lab.trace(['net1', lab.topology.destination]);

test('the way through qbr, qvb, qvo and Open vSwitch is followed both ways, and it is said what no device shows', async () => {
  const result = await trace();
  const { diagnosis, findings, path, kernelDrops } = runOf(result);
  expect({ status: diagnosis.status, findings, exitCode: result.exitCode }).toEqual({
    status: 'ok',
    findings: [],
    exitCode: EXIT.ok,
  });
  const seen = path.hops.filter(({ captured }) => captured);
  expect(seen.map(({ ifname }) => ifname)).toEqual(['eth0', 'tap1', 'qvb1', 'qvo1', 'br-int', 'eth0']);
  for (const { forward, return: back } of seen) expect([forward.seen, back.seen]).toEqual([3, 3]);
  expect(path.notes).toEqual(['between qvo1 and br-int Open vSwitch decides (bridge br-int), which no device shows']);
  expect(kernelDrops).toEqual([]);
});

test('a flow of Open vSwitch that drops is no known cause: its place is proved, and where to look is named', async () => {
  await lab.run(['ovs-ofctl add-flow br-int priority=10,icmp,actions=drop']);
  const run = runOf(await trace());
  await lab.run(['ovs-ofctl --strict del-flows br-int priority=10,icmp']);
  expect(run.diagnosis).toMatchObject({ status: 'fault', cause: 'unexplained-drop', direction: 'forward' });
  expect(brokenRoles(run)).toBe('lower–bridge');
  expect(run.findings[0]?.evidence.map(({ kind }) => kind)).not.toContain('kernel');
  expect(run.findings[0]?.evidence.map(({ command }) => command?.join(' '))).toContain('ovs-ofctl dump-flows br-int');
});

test('answers that a flow of Open vSwitch drops are lost on the way back', async () => {
  await lab.run(['ovs-ofctl add-flow br-int priority=10,in_port=LOCAL,icmp,actions=drop']);
  const run = runOf(await trace());
  await lab.run(['ovs-ofctl --strict del-flows br-int priority=10,in_port=LOCAL,icmp']);
  expect(run.diagnosis).toMatchObject({ status: 'fault', cause: 'unexplained-drop', direction: 'return' });
  expect(brokenRoles(run)).toBe('lower–bridge');
});

test('a rule of qbr that drops the frames before Open vSwitch is named', async () => {
  await lab.run(['ebtables -A FORWARD -i tap1 -p IPv4 -j DROP']);
  const run = runOf(await trace());
  await lab.run(['ebtables -D FORWARD -i tap1 -p IPv4 -j DROP']);
  expect(run.diagnosis).toMatchObject({ status: 'fault', direction: 'forward' });
  expect(run.findings[0]?.check).toBe('br-ebtables-drop');
  expect(brokenRoles(run)).toBe('veth-host–lower');
});

test('a port in another VLAN than the device of the bridge never gets there', async () => {
  await lab.run(['ovs-vsctl set port qvo1 tag=7 -- set port br-int tag=8']);
  const run = runOf(await trace());
  await lab.run(['ovs-vsctl clear port qvo1 tag -- clear port br-int tag']);
  expect(run.diagnosis).toMatchObject({ status: 'fault', cause: 'ovs-vlan-tag-mismatch', direction: 'forward' });
  expect(brokenRoles(run)).toBe('lower–bridge');
});

test('it works again', async () => {
  expect((await trace()).exitCode).toBe(EXIT.ok);
});

test('doctor asks for ovs-vsctl on this host', async () => {
  const { stdout } = await lab.exec([...PROGRAM, 'doctor', '--json'], { timeoutMs: 20_000 });
  const { tools }: { readonly tools: readonly { readonly name: string; readonly path: string | null }[] } =
    JSON.parse(stdout);
  expect(tools.find(({ name }) => name === 'ovs-vsctl')?.path).toMatch(/ovs-vsctl$/);
});
