import { afterAll, beforeAll, expect, test } from 'vitest';
import { labForTest, openLab, PROGRAM, type TestLab } from '../helpers/lab.js';
import { brokenRoles, expectClearError, runOf } from '../helpers/trace.js';

const DESTINATION = '203.0.113.5';
let lab: TestLab;

beforeAll(async () => {
  lab = await openLab('two-containers');
});
afterAll(() => lab.close());

const proofs = (run: ReturnType<typeof runOf>): string =>
  run.findings[0]?.evidence
    .filter(({ kind }) => kind === 'control')
    .map(({ text }) => text)
    .join('; ') ?? '';

test('another container on the bridge shows what is the traced one’s own, and is asked only where the user says so', async () => {
  await lab.run(['iptables -I FORWARD -s 192.168.0.2 -p icmp -j DROP']);
  const alone = runOf(await lab.trace(['net1', DESTINATION]));
  const beside = runOf(await lab.trace(['net1', DESTINATION, '--control-sibling', 'net2']));
  await lab.run(['iptables -D FORWARD 1']);
  expect(alone.evidence?.sibling).toBeUndefined();
  expect(proofs(alone)).not.toContain('net2');
  expect(beside.diagnosis).toMatchObject({
    status: 'fault',
    cause: alone.diagnosis.cause,
    confidence: alone.diagnosis.confidence,
  });
  expect(proofs(beside)).toMatch(/the same probe from net2, on the same bridge: ([1-3]) of \1 answered/);
});

test('the control leaves the probe its share of a rule that deals connections out in turn', async () => {
  const service = await labForTest('kube-service');
  await service.run([
    'iptables -t nat -N KUBE-SEP-2',
    'iptables -t nat -A KUBE-SEP-2 -p tcp -j DNAT --to-destination 192.168.0.66:80',
    'iptables -t nat -I KUBE-SVC-A 1 -m statistic --mode nth --every 2 --packet 0 -j KUBE-SEP-2',
  ]);
  const many = async () => runOf(await service.trace(['net1', 'tcp://10.96.0.10:80', '--count', '20']));
  for (const run of [await many(), await many(), await many()]) {
    expect(run.diagnosis).toMatchObject({ status: 'degraded', cause: 'svc-one-endpoint-dead' });
    expect(run.evidence?.control?.sent).toBe(14);
    expect(run.evidence?.probe?.answered).toBeGreaterThanOrEqual(5);
    expect(run.evidence?.probe?.answered).toBeLessThanOrEqual(15);
  }
});

test('the container itself is no control, nor one that there is none of', async () => {
  const told = (sibling: string) => lab.exec([...PROGRAM, 'trace', 'net1', DESTINATION, '--control-sibling', sibling]);
  const itself = await told('net1');
  expectClearError(itself, 2);
  expect(itself.stderr).toContain('net1 is net1 itself');
  expectClearError(await told('nowhere'), 2);
  expectClearError(await told('outside'), 2);
});

test('a DNS server whose port is blocked is told from one that is gone', async () => {
  await lab.nameServer('outside', DESTINATION);
  const drop = (protocol: string) => `ip netns exec outside iptables -A INPUT -p ${protocol} -j DROP`;
  const trace = async () => runOf(await lab.trace(['net1', `dns://${DESTINATION}/example.test`]));
  await lab.run([drop('udp --dport 53')]);
  const overTcp = await trace();
  await lab.run([drop('tcp --dport 53')]);
  await lab.run([drop('icmp')]);
  const gone = await trace();
  await lab.run(['ip netns exec outside iptables -F INPUT']);
  expect(overTcp.diagnosis).toMatchObject({ cause: 'dns-upstream-blocks-53', direction: 'forward' });
  expect(overTcp.diagnosis.title).toBe(`DNS server ${DESTINATION} takes TCP, but answers no query over UDP`);
  expect(gone.diagnosis).toMatchObject({ cause: 'dns-server-unreachable' });
});

test("a control from the probe's own source port is not taken for the probe", async () => {
  await lab.serve('outside', DESTINATION, 80);
  const port = 'sysctl -qw net.ipv4.ip_local_port_range="40000 40001"';
  await lab.run([port, `ip netns exec net1 ${port}`]);
  await lab.run(['ip netns exec net1 iptables -t nat -A OUTPUT -p tcp -j REDIRECT --to-ports 15001']);
  const run = runOf(await lab.trace(['net1', `${DESTINATION}:80`, '--count', '1']));
  expect(run.evidence?.probe?.answers).toMatchObject([{ outcome: 'refused', sourcePort: 40000 }]);
  expect(run.evidence?.control?.answers).toMatchObject([{ outcome: 'answered', sourcePort: 40000 }]);
  expect(run.diagnosis).toMatchObject({ cause: 'ctr-istio-redirect-no-proxy', direction: 'forward' });
  expect(brokenRoles(run)).toBe('socket–container');
});
