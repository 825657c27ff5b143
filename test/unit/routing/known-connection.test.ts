import { describe, expect, test } from 'vitest';
import type { Artifact } from '../../../src/model/artifact.js';
import type { ConntrackState } from '../../../src/model/state.js';
import type { HookPacket } from '../../../src/netfilter/types.js';
import { parseConntrack } from '../../../src/parse/conntrack.js';
import { asTracked, connectionOf, knownConnection, rewriteTracked } from '../../../src/routing/connection.js';
import { textbookPacket } from '../netfilter/helpers/state.js';

const read = (text: string): { conntrack: Artifact<ConntrackState> } => ({
  conntrack: { ok: true, value: { entries: parseConntrack(text), count: 1, max: 10 }, command: [], ms: 0 },
});
const segment: HookPacket = {
  ...textbookPacket,
  protocol: 'tcp',
  icmp: null,
  tcpFlags: ['PSH', 'ACK'],
  sourcePort: 40_000,
  destinationPort: 443,
};
const { source, destination } = segment;
const entry = (flags: string): string =>
  `ipv4 2 tcp 6 300 ESTABLISHED src=${source} dst=${destination} sport=40000 dport=443 ${flags === '[UNREPLIED]' ? `${flags} ` : ''}src=${destination} dst=198.51.100.10 sport=443 dport=1024 ${flags === '[ASSURED]' ? `${flags} ` : ''}mark=7 use=1 id=1`;

describe('a packet of a connection under way', () => {
  test('is established and translated as conntrack has it, whatever the rules say now', () => {
    const connection = knownConnection(read(entry('[ASSURED]')), segment);
    const entered = asTracked(segment, connection);
    expect(entered).toMatchObject({
      connection: 'established',
      connectionDirection: 'original',
      connectionStatus: ['snat'],
      connectionMark: 7,
      natDecided: true,
    });
    const left = rewriteTracked(connection, 'postrouting')?.(entered);
    expect(left).toMatchObject({ source: '198.51.100.10', sourcePort: 1024, destination });
    expect(rewriteTracked(connection, 'forward')).toBeNull();
  });

  test('is new while nothing came back, and no rule is asked for a translation again', () => {
    const entered = asTracked(segment, knownConnection(read(entry('[UNREPLIED]')), segment));
    expect(entered).toMatchObject({ connection: 'new', natDecided: true });
  });

  test('of which the other end began is an answer, and the answer to it goes the original way', () => {
    const begunOutside = `ipv4 2 tcp 6 300 ESTABLISHED src=${destination} dst=198.51.100.10 sport=443 dport=8080 src=${source} dst=${destination} sport=40000 dport=443 [ASSURED] mark=0 use=1 id=1`;
    const connection = knownConnection(read(begunOutside), segment);
    const entered = asTracked(segment, connection);
    expect(entered).toMatchObject({
      connection: 'established',
      connectionDirection: 'reply',
      connectionStatus: ['dnat'],
    });
    const left = rewriteTracked(connection, 'postrouting')?.(entered) ?? segment;
    expect(left).toMatchObject({ source: '198.51.100.10', sourcePort: 8080 });
    expect(asTracked(left, connectionOf(entered, left))).toMatchObject({ connectionDirection: 'original' });
  });

  test('that conntrack does not know is taken up as new, or invalid where mid-stream is not taken up', () => {
    expect(knownConnection(read(''), segment)).toBeNull();
    expect(asTracked(segment, null).connection).toBe('new');
    expect(asTracked(segment, null, false).connection).toBe('invalid');
    expect(asTracked({ ...segment, tcpFlags: ['SYN'] }, null, false).connection).toBe('new');
  });
});
