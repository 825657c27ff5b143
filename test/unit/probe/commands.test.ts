import { describe, expect, test } from 'vitest';
import { KnownError } from '../../../src/model/errors.js';
import type { ProbeSettings } from '../../../src/model/probe.js';
import { icmpCommand, pingFailure } from '../../../src/probe/icmp.js';
import { createToken } from '../../../src/probe/probe.js';
import { parseLines } from '../../../src/probe/program-output.js';
import { startFailure } from '../../../src/probe/result.js';
import { tcpCommand } from '../../../src/probe/tcp.js';
import { tcpAttempt } from '../../../src/probe/tcp-attempt.js';
import { udpCommand } from '../../../src/probe/udp.js';
import { FLOW } from '../helpers/textbook-path.js';

const TARGET = { id: 'target', name: 'net1', path: '/run/netns/net1', inode: 2 };
const HOST = { id: 'host', name: 'host', path: '/proc/self/ns/net', inode: 1 };
const SETTINGS: ProbeSettings = {
  protocol: 'icmp',
  count: 3,
  intervalMs: 20,
  size: 56,
  df: false,
  source: null,
  mark: 0,
  timeoutMs: 1000,
};
const UDP_FLOW = { ...FLOW, protocol: 'udp', port: 53 } as const;
const TCP_FLOW = { ...FLOW, protocol: 'tcp', port: 80 } as const;

describe('icmpCommand', () => {
  test('is the ping of the settings, in the namespace', () => {
    expect(icmpCommand(TARGET, FLOW, SETTINGS, 'deadbeef').join(' ')).toBe(
      'nsenter --net=/run/netns/net1 -- ping -4 -n -c 3 -i 0.02 -W 1 -s 56 -p deadbeef 203.0.113.5',
    );
    expect(icmpCommand(HOST, { ...FLOW, destination: '255.255.255.255' }, SETTINGS, 'deadbeef').join(' ')).toBe(
      'ping -4 -n -c 3 -i 0.02 -W 1 -s 56 -p deadbeef -b 255.255.255.255',
    );
    expect(icmpCommand(HOST, FLOW, { ...SETTINGS, adaptive: true }, 'deadbeef').join(' ')).toBe(
      'ping -4 -n -c 3 -i 0.02 -W 1 -s 56 -p deadbeef 203.0.113.5',
    );
    const settings = { ...SETTINGS, df: true, mark: 7, source: '2001:db8::9', timeoutMs: 250, intervalMs: 200 };
    expect(icmpCommand(HOST, { ...FLOW, family: 6, destination: '2001:db8::1' }, settings, 'cafecafe').join(' ')).toBe(
      'ping -6 -n -c 3 -i 0.2 -W 0.25 -s 56 -p cafecafe -M do -m 7 -I 2001:db8::9 2001:db8::1',
    );
  });
});

describe('tcpCommand', () => {
  test('runs the probe program with our own node, in the namespace', () => {
    const command = tcpCommand(TARGET, TCP_FLOW, SETTINGS, '/opt/tcp-probe.js');
    expect(command.slice(0, 5)).toEqual([
      'nsenter',
      '--net=/run/netns/net1',
      '--',
      process.execPath,
      '/opt/tcp-probe.js',
    ]);
    expect(JSON.parse(command[5] ?? '')).toEqual({
      destination: '203.0.113.5',
      port: 80,
      family: 4,
      source: null,
      count: 3,
      intervalMs: 20,
      timeoutMs: 1000,
    });
  });

  test('refuses a mark, which node cannot set, and a missing port', () => {
    expect(() => tcpCommand(TARGET, TCP_FLOW, { ...SETTINGS, mark: 1 })).toThrow(KnownError);
    expect(() => tcpCommand(TARGET, { ...TCP_FLOW, port: null }, SETTINGS)).toThrow(/needs a port/);
  });
});

describe('udpCommand', () => {
  test('runs the probe program with the nonce that its payloads begin with', () => {
    const command = udpCommand(TARGET, UDP_FLOW, { ...SETTINGS, size: 301 }, 'deadbeef', '/opt/udp-probe.js');
    expect(command.slice(0, 3)).toEqual(['nsenter', '--net=/run/netns/net1', '--']);
    expect(command[4]).toBe('/opt/udp-probe.js');
    expect(JSON.parse(command[5] ?? '')).toMatchObject({ port: 53, nonce: 'deadbeef', size: 301, count: 3 });
  });

  test('refuses a mark and a missing port', () => {
    expect(() => udpCommand(TARGET, UDP_FLOW, { ...SETTINGS, mark: 1 }, 'deadbeef')).toThrow(KnownError);
    expect(() => udpCommand(TARGET, { ...UDP_FLOW, port: null }, SETTINGS, 'deadbeef')).toThrow(/needs a port/);
  });
});

describe('createToken', () => {
  test('has a new token each time', () => {
    const tokens = new Set(Array.from({ length: 50 }, createToken));
    expect(tokens.size).toBe(50);
    for (const token of tokens) expect(token).toMatch(/^[0-9a-f]{8}$/);
  });
});

describe('parseAttempts', () => {
  test('keeps good lines and leaves garbage out', () => {
    const good = '{"probe":1,"sourcePort":34554,"outcome":"connected","code":null,"rttMs":3.2}';
    expect(parseLines(tcpAttempt, `${good}\nnonsense\n{"probe":"x"}\n\n`)).toEqual([
      { probe: 1, sourcePort: 34554, outcome: 'connected', code: null, rttMs: 3.2 },
    ]);
  });
});

describe('startFailure', () => {
  const ran = { argv: ['nsenter'], exitCode: 1, stdout: '', stderr: '', ms: 1, failure: 'exit' } as const;
  test.each([
    [{ failure: 'missing-tool' }, 'nsenter is not installed'],
    [{ failure: 'timeout' }, 'ping did not end in time'],
    [
      { stderr: 'nsenter: failed to execute ping: No such file or directory\n' },
      'ping is not installed (Debian package iputils-ping)',
    ],
    [{ stderr: 'nsenter: cannot open /proc/9/ns/net: No such file or directory\n' }, 'the network namespace is gone'],
    [
      { stderr: "nsenter: reassociate to namespace 'ns/net' failed: Operation not permitted\n" },
      /Operation not permitted$/,
    ],
    [{ stderr: 'ping: connect: Network is unreachable\n' }, null],
  ] as const)('%j', (change, expected) => {
    const failure = startFailure({ ...ran, ...change }, 'ping', 'iputils-ping');
    if (expected instanceof RegExp) expect(failure).toMatch(expected);
    else expect(failure).toBe(expected);
  });
});

test('a ping that has said why nothing is sent did not fail, although it goes on and is ended', () => {
  const ran = { argv: ['ping'], exitCode: null, stdout: '', stderr: '', ms: 9000, failure: 'timeout' } as const;
  expect(pingFailure(ran, { localError: 'No buffer space available', failure: null })).toBeNull();
  expect(pingFailure(ran, { localError: null, failure: null })).toBe('ping did not end in time');
});
