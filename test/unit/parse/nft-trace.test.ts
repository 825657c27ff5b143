import { describe, expect, test } from 'vitest';
import { parseNftTrace } from '../../../src/parse/nft-trace.js';

const TEXT = `add chain inet vethoscope_trace_1 heard1
trace id 570c8b17 ip filter FORWARD packet: iif "br0" oif "eth0" ether saddr 7e:b6:31:33:d3:96 ip saddr 192.168.0.2 ip daddr 203.0.113.5 ip ttl 63
trace id 570c8b17 ip filter FORWARD rule ip protocol icmp counter packets 3 bytes 252 jump DOCKER-USER # handle 4 (verdict jump DOCKER-USER)
trace id 570c8b17 ip filter DOCKER-USER unknown rule handle 6 (verdict drop)
trace id 1742ed28 ip6 nat POSTROUTING packet: oif "eth0" ip6 saddr fd00::2 ip6 daddr 2001:db8::5
trace id 1742ed28 ip6 nat POSTROUTING policy accept 
# new generation 12 by process 4711 (nft)
`;

describe('nft monitor trace', () => {
  test('tells the rules and policies that each packet met; other events are none', () => {
    const { lines, packets } = parseNftTrace(TEXT);
    expect(packets).toEqual([
      { packet: '570c8b17', source: '192.168.0.2', destination: '203.0.113.5' },
      { packet: '1742ed28', source: 'fd00::2', destination: '2001:db8::5' },
    ]);
    expect(lines).toEqual([
      {
        packet: '570c8b17',
        family: 'ip',
        table: 'filter',
        chain: 'FORWARD',
        handle: 4,
        text: 'ip protocol icmp counter jump DOCKER-USER',
        verdict: 'jump DOCKER-USER',
      },
      { packet: '570c8b17', family: 'ip', table: 'filter', chain: 'DOCKER-USER', handle: 6, text: '', verdict: 'drop' },
      {
        packet: '1742ed28',
        family: 'ip6',
        table: 'nat',
        chain: 'POSTROUTING',
        handle: null,
        text: '',
        verdict: 'accept',
      },
    ]);
  });

  test('reads nothing from nothing', () => {
    expect(parseNftTrace('')).toEqual({ lines: [], packets: [] });
  });
});
