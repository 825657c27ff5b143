import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Run } from '../../src/model/run.js';
import { openLab, type TestLab } from '../helpers/lab.js';
import { brokenRoles, runOf } from '../helpers/trace.js';

const SERVER = '203.0.113.5';

let lab: TestLab;
let folder: string;
const trace = async (destination: string, target = 'net1'): Promise<Run> =>
  runOf(await lab.trace([target, destination]));
const said = (run: Run) => run.probe?.answers.map(({ outcome, text }) => `${outcome}: ${text}`);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vethoscope-dns-'));
  lab = await openLab('textbook');
  await lab.nameServer('outside', SERVER);
});

afterAll(async () => {
  await lab.close();
  await rm(folder, { recursive: true, force: true });
});

test('an answer is told in words, and each query is seen at every hop', async () => {
  const run = await trace(`dns://${SERVER}/example.test`);
  expect(run.diagnosis).toMatchObject({ status: 'ok', cause: null });
  expect(run.diagnosis.title).toContain('NOERROR, 1 record');
  expect(run.flow).toMatchObject({ protocol: 'udp', port: 53, dns: { name: 'example.test', type: 'A' } });
  for (const { captured, forward, return: back } of run.path.hops)
    if (captured)
      expect([forward, back]).toEqual([
        { seen: 3, of: 3 },
        { seen: 3, of: 3 },
      ]);
});

test('a name that does not exist is an answer too', async () => {
  const run = await trace(`dns://${SERVER}/nowhere.test`);
  expect(run.diagnosis.status).toBe('ok');
  expect(said(run)).toEqual(Array(3).fill('answered: NXDOMAIN, the name does not exist'));
});

test('a closed port is no DNS server: who refuses it is told, outside and on the host', async () => {
  const outside = await trace(`dns://${SERVER}:5354/example.test`);
  expect(outside.diagnosis).toMatchObject({
    status: 'fault',
    cause: 'pub-service-not-listening',
    title: `port 5354 of ${SERVER} is refused, from outside this host`,
    confidence: 'certain',
  });
  expect(brokenRoles(outside)).toBe('uplink–outside');
  const host = await trace('dns://192.168.0.1/example.test');
  expect(host.diagnosis).toMatchObject({
    status: 'fault',
    cause: 'dns-host-resolver-down',
    title: 'no DNS server listens on 192.168.0.1 port 53 of this host',
  });
  expect(brokenRoles(host)).toBe('bridge–service');
});

test('an answer that is cut short is fetched over TCP, and where TCP is blocked the run says so', async () => {
  const whole = await trace(`dns://${SERVER}/big.test`);
  expect(whole.diagnosis.status).toBe('ok');
  expect(said(whole)).toEqual(Array(3).fill('answered: NOERROR, 1 record'));
  await lab.run(['iptables -A FORWARD -p tcp --dport 53 -j REJECT --reject-with tcp-reset']);
  try {
    const cut = await trace(`dns://${SERVER}/big.test`);
    expect(cut.diagnosis).toMatchObject({ status: 'inconclusive', cause: null });
    expect(cut.diagnosis.summary).toContain(`(the connection is refused): trace tcp://${SERVER}:53`);
  } finally {
    await lab.run(['iptables -F FORWARD']);
  }
});

test("dns:/// asks the container's own server", async () => {
  const resolv = join(folder, 'resolv.conf');
  await writeFile(resolv, `search corp.example\nnameserver ${SERVER}\n`);
  const container = [
    'unshare',
    '-m',
    'sh',
    '-c',
    'mount --bind "$0" /etc/resolv.conf && echo $$ && exec sleep 600',
    resolv,
  ];
  const child = lab.start(container, 'net1');
  const pid = await new Promise<string>((resolve) => child.stdout.once('data', (data) => resolve(`${data}`.trim())));
  const run = await trace('dns:///example.test', `pid:${pid}`);
  expect(run.flow).toMatchObject({ destination: SERVER, port: 53 });
  expect(run.diagnosis).toMatchObject({ status: 'ok', cause: null });
  const withoutProcess = await lab.trace(['net1', 'dns:///example.test']);
  expect(JSON.parse(withoutProcess.stdout).error).toEqual({
    message: "the container's resolv.conf cannot be read",
    hint: 'name the server: dns://SERVER/NAME',
    exitCode: 2,
  });
});

test('a rule that drops queries is named, whichever way it drops', async () => {
  for (const [rule, way] of [
    ['--dport 53', 'forward'],
    ['--sport 53', 'return'],
  ] as const) {
    await lab.run([`iptables -A FORWARD -p udp ${rule} -j DROP`]);
    const run = await trace(`dns://${SERVER}/example.test`).finally(() => lab.run(['iptables -F FORWARD']));
    expect(run.diagnosis).toMatchObject({ status: 'fault', cause: 'nf-rule-drop', direction: way });
    expect(brokenRoles(run)).toBe('bridge–uplink');
    // An answer's length is not known beforehand, so that the kernel is asked for queries alone.
    const dropped = run.kernelDrops.map((drop) => `${drop.way} ${drop.link} ${drop.likely}`);
    expect(dropped).toEqual(way === 'forward' ? Array(3).fill('forward h3-h4 true') : []);
  }
});
