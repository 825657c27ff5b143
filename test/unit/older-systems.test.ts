import { describe, expect, test } from 'vitest';
import { stateFrom, walk } from '../../src/index.js';
import { parseTraceLine } from '../../src/witness/events.js';
import { witnessFilters } from '../../src/witness/filters.js';
import { fixture } from '../helpers/fixture.js';

/** Composed, see the README beside them: no such kernel was at hand. */
const SYSTEMS = [
  { kernel: '4.18', reason: null },
  { kernel: '5.4', reason: null },
  { kernel: '5.15', reason: null },
  { kernel: '6.1', reason: 'NETFILTER_DROP' },
  { kernel: '6.8', reason: 'NETFILTER_DROP' },
];

describe.each(SYSTEMS)('a host with Linux $kernel', ({ kernel, reason }) => {
  const dump = (name: string): string => fixture(`older/linux-${kernel}/${name}`);
  const common = {
    links: dump('ip-link.json'),
    addresses: dump('ip-address.json'),
    routes: dump('ip-route.json'),
    rules: dump('ip-rule.json'),
    sysctls: 'net.ipv4.ip_forward = 1\nnet.ipv4.conf.all.forwarding = 1\nnet.ipv4.conf.br0.forwarding = 1\n',
  };
  const to = (port: number) =>
    ({
      protocol: 'tcp',
      source: '192.168.0.2',
      destination: '203.0.113.5',
      destinationPort: port,
      iif: 'br0',
    }) as const;

  test.each(['iptables', 'nft'] as const)('its rules decide, as %s prints them', (tool) => {
    const { state } = stateFrom({ ...common, [tool]: dump(tool === 'nft' ? 'nft.json' : 'iptables.save') });
    expect(walk(state, to(25)).conclusion).toMatchObject({
      verdict: 'dropped',
      title: expect.stringMatching(/dport 25/),
    });
    const passes = walk(state, to(80));
    expect(passes.conclusion).toMatchObject({ verdict: 'accepted' });
    expect(passes.packet).toMatchObject({ source: '198.51.100.10', oif: 'eth0' });
  });

  test('its kernel tells of a drop', () => {
    const lines = dump('trace_pipe.txt').trimEnd().split('\n').map(parseTraceLine);
    const events = lines.map((line) => (line?.type === 'event' ? line.event : null));
    expect(events.map((event) => event?.kind)).toEqual(['queue', 'xmit', 'receive', 'free']);
    expect(events.at(-1)).toMatchObject({ kind: 'free', skb: '00000000a1b2c3d4', protocol: 2048, reason });
  });

  test('it is asked to filter by reason only where it knows reasons', () => {
    const asked = { lengths: [98], devices: [], family: 4, protocol: 'icmp' } as const;
    const { drops } = witnessFilters(asked, dump('kfree_skb.format'));
    expect(/\breason\b/.test(drops)).toBe(reason !== null);
  });
});
