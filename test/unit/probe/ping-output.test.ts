import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsePing } from '../../../src/probe/ping-output.js';

const HEAD = 'PATTERN: 0xdeadbeef\nPING 203.0.113.5 (203.0.113.5) 56(84) bytes of data.\n';
const stats = (transmitted: number, received: number) =>
  `\n--- 203.0.113.5 ping statistics ---\n${transmitted} packets transmitted, ${received} received, 0% packet loss, time 51ms\n`;

const outcomes = (stdout: string, stderr = '', count = 3) =>
  parsePing(stdout, stderr, count).answers.map(({ outcome, text }) =>
    text === null ? outcome : `${outcome}: ${text}`,
  );

describe('parsePing', () => {
  test('reads answers with their round-trip times', () => {
    const reply = (seq: number, time: string) => `64 bytes from 203.0.113.5: icmp_seq=${seq} ttl=63 time=${time} ms\n`;
    const output = parsePing(`${HEAD}${reply(1, '0.685')}${reply(3, '12')}${stats(3, 2)}`, '', 3);
    expect(output).toMatchObject({ transmitted: 3, localError: null, failure: null });
    expect(output.answers).toEqual([
      { probe: 1, outcome: 'answered', rttMs: 0.685, text: null, from: '203.0.113.5' },
      { probe: 2, outcome: 'timeout', rttMs: null, text: null, from: null },
      { probe: 3, outcome: 'answered', rttMs: 12, text: null, from: '203.0.113.5' },
    ]);
  });

  test('reads an answer without a time, an answer from IPv6, and counts a duplicate once', () => {
    expect(
      parsePing(`${HEAD}16 bytes from 203.0.113.5: icmp_seq=1 ttl=63\n${stats(1, 1)}`, '', 1).answers,
    ).toMatchObject([{ outcome: 'answered', rttMs: null }]);
    const six =
      'PING 2001:db8::1(2001:db8::1) 56 data bytes\n64 bytes from 2001:db8::1: icmp_seq=1 ttl=64 time=0.083 ms\n';
    expect(parsePing(six, '', 1).answers).toMatchObject([{ outcome: 'answered', from: '2001:db8::1', rttMs: 0.083 }]);
    const line = '64 bytes from 203.0.113.5: icmp_seq=1 ttl=63 time=0.6 ms';
    const twice = parsePing(`${HEAD}${line}\n${line.replace('0.6', '0.9')} (DUP!)\n${stats(1, 1)}`, '', 1);
    expect(twice.answers).toMatchObject([{ rttMs: 0.6 }]);
  });

  test.each([
    ['From 192.168.0.1 icmp_seq=1 Destination Host Prohibited', 'Destination Host Prohibited', '192.168.0.1'],
    ['From 192.168.0.1: icmp_seq=1 Time to live exceeded', 'Time to live exceeded', '192.168.0.1'],
    [
      'From 192.168.0.1 icmp_seq=1 Frag needed and DF set (mtu = 1400)',
      'Frag needed and DF set (mtu = 1400)',
      '192.168.0.1',
    ],
    [
      'From 2001:db8::1 icmp_seq=1 Destination unreachable: No route',
      'Destination unreachable: No route',
      '2001:db8::1',
    ],
  ])('reads %j', (line, text, from) => {
    const [answer] = parsePing(`${HEAD}${line}\n${stats(1, 0)}`, '', 1).answers;
    expect(answer).toEqual({ probe: 1, outcome: 'error', rttMs: null, text, from });
  });

  test('takes a redirect for no error', () => {
    const redirect = 'From 192.168.0.1: icmp_seq=1 Redirect Host(New nexthop: 192.168.0.254)\n';
    expect(outcomes(`${HEAD}${redirect}${stats(1, 0)}`, '', 1)).toEqual(['timeout']);
  });

  test('gives send errors to packets that brought nothing else', () => {
    const error = 'From 192.168.0.1 icmp_seq=1 Frag needed and DF set (mtu = 1400)\n';
    expect(outcomes(`${HEAD}${error}${stats(2, 0)}`, 'ping: local error: message too long, mtu=1400\n', 2)).toEqual([
      'error: Frag needed and DF set (mtu = 1400)',
      'not-sent: message too long, mtu=1400',
    ]);
    const denied = 'ping: sendmsg: Operation not permitted\n'.repeat(3);
    expect(outcomes(`${HEAD}${stats(3, 0)}`, denied)).toEqual(Array(3).fill('not-sent: Operation not permitted'));
    expect(parsePing(`${HEAD}${stats(3, 0)}`, denied, 3).localError).toBe('Operation not permitted');
  });

  test.each([
    ['ping: connect: Network is unreachable', 'Network is unreachable'],
    ['ping: connect: Invalid argument', 'Invalid argument'],
    ['connect: Network is unreachable', 'Network is unreachable'],
    ['ping: bind: Cannot assign requested address', 'Cannot assign requested address'],
    ['ping: Do you want to ping broadcast? Then -b. If not, check your local firewall rules', 'Permission denied'],
  ])('%j is an error of our own socket: nothing was sent', (stderr, error) => {
    const output = parsePing('PATTERN: 0xdeadbeef\n', `${stderr}\n`, 2);
    expect(output).toMatchObject({ localError: error, failure: null });
    expect(output.answers.map(({ outcome, text }) => [outcome, text])).toEqual(Array(2).fill(['not-sent', error]));
  });

  test.each([
    ['ping: socket: Operation not permitted', 'socket: Operation not permitted'],
    ['ping: cannot flood, minimal interval for user must be >= 200 ms, use -i 0.2 (or higher)', /^cannot flood/],
    ['', 'ping ended without a message'],
  ])('%j is a probe that could not run', (stderr, failure) => {
    const output = parsePing('', stderr, 1);
    expect(output.failure).toEqual(failure instanceof RegExp ? expect.stringMatching(failure) : failure);
    expect(output.answers).toMatchObject([{ outcome: 'not-sent' }]);
  });

  test('counts as unsent what ping had no time to send', () => {
    expect(outcomes(`${HEAD}${stats(1, 0)}`)).toEqual(['timeout', 'not-sent', 'not-sent']);
  });

  test('gives one answer per probe on any output', () => {
    const line = fc.oneof(
      fc.string(),
      fc.constantFrom(
        'From  icmp_seq=1 x',
        '64 bytes from x: icmp_seq=99999999999 time=1.2.3 ms',
        '9 packets transmitted',
      ),
    );
    fc.assert(
      fc.property(fc.array(line), fc.array(line), fc.integer({ min: 1, max: 5 }), (out, err, count) => {
        const { answers } = parsePing(out.join('\n'), err.join('\n'), count);
        expect(answers.map(({ probe }) => probe)).toEqual(Array.from({ length: count }, (_, index) => index + 1));
        expect(answers.every(({ rttMs }) => rttMs === null || Number.isFinite(rttMs))).toBe(true);
      }),
    );
  });
});
