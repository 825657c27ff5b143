import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StreamingChild } from '../../src/host/run-command.js';
import type { Run } from '../../src/model/run.js';
import { openLab, PROGRAM, type TestLab } from '../helpers/lab.js';
import { brokenRoles, expectClearError, runOf } from '../helpers/trace.js';

const SERVER = '203.0.113.5';

/** Accepts connections; sends back what comes, or never reads with `deaf`. */
const LISTENER = `
const [port, deaf] = process.argv.slice(1);
require('node:net').createServer({ pauseOnConnect: deaf === 'deaf' }, (socket) => {
  socket.on('error', () => {});
  if (deaf !== 'deaf') socket.pipe(socket);
}).listen(Number(port), '${SERVER}', () => console.log('ready'));
`;

/** Connects and says so many bytes again and again. */
const CLIENT = `
const [port, bytes, everyMs] = process.argv.slice(1).map(Number);
const socket = require('node:net').connect(port, '${SERVER}', () => console.log('ready'));
socket.on('error', () => {}).on('data', () => {});
setInterval(() => socket.write(Buffer.alloc(bytes)), everyMs);
`;

/** Sends a datagram with another number in it every 40 ms. */
const TALKER = `
const socket = require('node:dgram').createSocket('udp4');
let number = 0;
setInterval(() => socket.send('news ' + (number += 1), Number(process.argv[1]), '${SERVER}'), 40);
console.log('ready');
`;

/** Asks for a connection again and again. */
const KNOCK = `
const attempt = () => require('node:net').connect(Number(process.argv[1]), process.argv[2]).on('error', () => {}).on('connect', function () { this.end(); });
setInterval(attempt, 100);
console.log('ready');
`;

/** Asks for one connection, which nobody answers. */
const CALL = `
require('node:net').connect(Number(process.argv[1]), '${SERVER}').on('error', () => {});
console.log('ready');
`;

describe("the container's own traffic, followed without a packet of ours", () => {
  let lab: TestLab;
  const running: StreamingChild[] = [];

  const start = async (script: string, args: readonly (string | number)[], netns: 'net1' | 'outside') => {
    const child = lab.start([process.execPath, '-e', script, '--', ...args.map(String)], netns);
    running.push(child);
    await new Promise((resolve) => child.stdout.once('data', resolve));
    return child;
  };
  const traced = async (...args: readonly string[]): Promise<Run> => runOf(await lab.trace(['net1', ...args]));
  const told = (...args: readonly string[]) => lab.exec([...PROGRAM, 'trace', 'net1', ...args]);
  /** Traces while a rule of iptables is there. */
  const withRule = async (rule: string, ...args: readonly string[]): Promise<Run> => {
    await lab.run([`iptables -I ${rule}`]);
    try {
      return await traced(...args);
    } finally {
      await lab.run([`iptables -D ${rule}`]);
    }
  };
  const endAll = (): void => {
    for (const child of running.splice(0)) child.killGroup('SIGKILL');
  };

  beforeAll(async () => {
    lab = await openLab('textbook');
  });
  afterAll(async () => {
    endAll();
    await lab.close();
  });

  test('pings: answered, followed behind the NAT, nothing sent; and lost where the host does not forward', async () => {
    const ping = lab.start(['ping', '-n', '-i', '0.2', SERVER], 'net1');
    running.push(ping);
    const whole = await traced('--passive', 'icmp');
    expect(whole.diagnosis).toMatchObject({ status: 'ok', summary: '3 of 3 packets were answered' });
    expect(whole.diagnosis.rewrites[0]).toMatchObject({ before: '192.168.0.2', after: '198.51.100.10' });
    expect(whole).toMatchObject({
      control: null,
      probe: { isOwnTraffic: true, sent: 3 },
      flow: { destination: SERVER },
    });
    expect(whole.evidence?.traffic).toMatchObject({ filter: 'icmp', flows: [{ protocol: 'icmp', remote: SERVER }] });
    await lab.run(['sysctl -qw net.ipv4.ip_forward=0']);
    const lost = await traced('--passive', `icmp and host ${SERVER}`);
    await lab.run(['sysctl -qw net.ipv4.ip_forward=1']);
    endAll();
    expect(lost.diagnosis).toMatchObject({ status: 'fault', cause: 'host-ip-forward-off', direction: 'forward' });
    expect(brokenRoles(lost)).toBe('bridge–uplink');
  });

  test('datagrams are told by their payload: the flow that waits for an answer is the one that is followed', async () => {
    await lab.echo('outside', SERVER, 5300);
    await start(TALKER, [5300], 'net1');
    await start(TALKER, [5400], 'net1');
    const run = await withRule('FORWARD -p udp --dport 5400 -j DROP', '--passive', 'udp');
    endAll();
    expect(run.flow).toMatchObject({ protocol: 'udp', port: 5400 });
    expect(run.diagnosis).toMatchObject({ status: 'fault', direction: 'forward' });
    expect(run.findings[0]?.check).toBe('nf-rule-drop');
    expect(run.evidence?.traffic?.flows.map(({ remotePort, sent, answered }) => [remotePort, answered < sent])).toEqual(
      [
        [5400, true],
        [5300, expect.any(Boolean)],
      ],
    );
  });

  test('what matches no traffic, or is no filter, is said in one line', async () => {
    expectClearError(await told('--passive', 'tcp port 4', '--wait', '300ms', '--quiet'), 5);
    const bad = await told('--passive', 'tcp porta 4');
    expectClearError(bad, 2);
    expect(bad.stderr).toContain('is no capture filter');
    const named = await told('--passive', 'host www.example.org');
    expect(named.stderr).toContain("unknown host 'www.example.org'");
    expectClearError(await told(SERVER, '--passive', 'icmp'), 2);
    expectClearError(await told('--socket', '99'), 2);
  });

  test('a connection whose segments are dropped: by its rule, with what socket and conntrack say', async () => {
    await start(LISTENER, [5432], 'outside');
    await start(CLIENT, [5432, 100, 200], 'net1');
    const whole = await traced('--socket', '5432');
    expect(whole.diagnosis).toMatchObject({ status: 'ok', summary: '3 of 3 packets were answered' });
    const run = await withRule('FORWARD -p tcp --dport 5432 -j DROP', '--socket', '5432');
    expect(run.diagnosis).toMatchObject({ status: 'fault', direction: 'forward', confidence: 'certain' });
    expect(brokenRoles(run)).toBe('bridge–uplink');
    expect(run.flow).toMatchObject({ established: true, sourcePort: expect.any(Number) });
    const [socket, conntrack] = run.diagnosis.connection ?? [];
    expect(socket).toMatch(/^socket: ESTAB, Send-Q [1-9]\d* bytes.*sent again.*sends again in/);
    expect(conntrack).toMatch(
      /^conntrack of host: ESTABLISHED, 192\.168\.0\.2:\d+ to 203\.0\.113\.5:5432, answers 203\.0\.113\.5:5432 to 198\.51\.100\.10:\d+, \d+ s left, assured$/,
    );
  });

  test('the answers of a connection that do not come back', async () => {
    const run = await withRule('FORWARD -p tcp --sport 5432 -j DROP', '--socket', '5432');
    expect(run.diagnosis).toMatchObject({ status: 'fault', direction: 'return' });
    expect(brokenRoles(run)).toBe('bridge–uplink');
  });

  test('the same rule drops a connection that conntrack has forgotten, and none that it knows', async () => {
    const rule = 'FORWARD -p tcp ! --syn -m conntrack --ctstate NEW -j DROP';
    const known = await withRule(rule, '--socket', '5432');
    expect(known.diagnosis.status).toBe('ok');
    await lab.run([`iptables -I ${rule}`, 'conntrack -D -p tcp --dport 5432']);
    await sleep(400);
    const forgotten = await traced('--socket', '5432');
    await lab.run([`iptables -D ${rule}`]);
    expect(forgotten.diagnosis).toMatchObject({ status: 'fault', direction: 'forward' });
    expect(forgotten.findings[0]?.title).toContain('FORWARD rule 1');
    expect(forgotten.diagnosis.connection).toContain('conntrack of host does not know the connection');
  });

  test('two connections with the port: the choices are listed', async () => {
    await start(CLIENT, [5432, 10, 1000], 'net1');
    const result = await told('--socket', '5432');
    expectClearError(result, 2);
    expect(result.stderr).toMatch(
      /2 connections of net1 have port 5432: 192\.168\.0\.2:\d+ to .*; 192\.168\.0\.2:\d+ to /,
    );
    endAll();
  });

  test('a program that does not read is no fault of the path; one that is silent is not decided', async () => {
    await start(LISTENER, [5433, 'deaf'], 'outside');
    await start(CLIENT, [5433, 400_000, 20], 'net1');
    await sleep(1500);
    const closed = await traced('--socket', '5433');
    endAll();
    expect(closed.diagnosis).toMatchObject({
      status: 'ok',
      title: `${SERVER} takes no more data: its window is closed, so its program does not read`,
    });
    await start(LISTENER, [5434], 'outside');
    await start(CLIENT, [5434, 10, 60_000], 'net1');
    const idle = await traced('--socket', '5434', '--wait', '300ms');
    endAll();
    expect(idle.diagnosis).toMatchObject({ status: 'inconclusive', cause: null });
    expect(idle.diagnosis.doubts.join()).toContain('nothing is under way');
  });

  test('a connection that is not made yet: who drops its request, or that it leaves the host and nothing comes back', async () => {
    await lab.run(['iptables -I FORWARD -p tcp --dport 5440 -j DROP']);
    await start(CALL, [5440], 'net1');
    const here = await traced('--socket', '5440');
    await lab.run(['iptables -D FORWARD -p tcp --dport 5440 -j DROP']);
    endAll();
    expect(here.flow).toMatchObject({ sourcePort: expect.any(Number), port: 5440 });
    expect(here.flow.established).toBeUndefined();
    expect(here.diagnosis).toMatchObject({ status: 'fault', cause: 'nf-rule-drop', direction: 'forward' });
    expect(brokenRoles(here)).toBe('bridge–uplink');
    expect(here.diagnosis.connection).toEqual([
      expect.stringMatching(/^socket: SYN-SENT, .*1 segment not acknowledged, \d+ sent again, sends again in/),
      'conntrack of host does not know the connection',
    ]);
    expect(here.evidence?.probe?.sent).toBeGreaterThan(0);

    const drop = 'INPUT -p tcp --dport 5441 -j DROP';
    await lab.exec(`iptables -I ${drop}`, { netns: 'outside' });
    await start(CALL, [5441], 'net1');
    const outside = await traced('--socket', '5441');
    await lab.exec(`iptables -D ${drop}`, { netns: 'outside' });
    endAll();
    expect(outside.diagnosis).toMatchObject({ status: 'fault', code: 'V7001', confidence: 'likely' });
    expect(brokenRoles(outside)).toBe('uplink–outside');
    expect(outside.diagnosis.connection?.[1]).toMatch(/^conntrack of host: SYN_SENT, .*, unreplied$/);
  });

  test('a connection that is refused outside, on this host, by a rule: each is found, by who refuses it', async () => {
    await start(KNOCK, [81, SERVER], 'net1');
    const outside = await traced('--passive', 'tcp port 81');
    expect(outside.diagnosis).toMatchObject({
      status: 'fault',
      code: 'V1901',
      title: `port 81 of ${SERVER} is refused, from outside this host`,
    });
    const byRule = await withRule(
      'FORWARD -p tcp --dport 81 -j REJECT --reject-with tcp-reset',
      '--passive',
      'tcp port 81',
    );
    expect(byRule.diagnosis).toMatchObject({ status: 'fault', cause: 'nf-reject-tcp-reset', direction: 'forward' });
    endAll();
    await start(KNOCK, [82, '192.168.0.1'], 'net1');
    const onHost = await traced('--passive', 'tcp port 82');
    endAll();
    expect(onHost.diagnosis).toMatchObject({
      status: 'fault',
      code: 'V1901',
      title: 'nothing listens on tcp port 82 of this host',
    });
  });

  test('datagrams to a port that nobody has are refused as well, and a refused flow comes before one that works', async () => {
    await lab.echo('outside', SERVER, 5310);
    // Else one refusal a second comes back, and none may while the flow is followed.
    await lab.run(['ip netns exec outside sysctl -qw net.ipv4.icmp_ratelimit=0']);
    await start(TALKER, [5310], 'net1');
    await start(TALKER, [5311], 'net1');
    const run = await traced('--passive', 'udp');
    endAll();
    expect(run.flow).toMatchObject({ protocol: 'udp', port: 5311 });
    expect(run.diagnosis).toMatchObject({
      status: 'fault',
      code: 'V1901',
      title: `port 5311 of ${SERVER} is refused, from outside this host`,
    });
  });
});
