import { describe, expect, it } from 'vitest';
import { parseIpAddress } from '../../../src/parse/ip-address.js';
import { parseIpRoute } from '../../../src/parse/ip-route.js';
import { parseIpRule } from '../../../src/parse/ip-rule.js';
import {
  addressType,
  isForwarding,
  lookupRoute,
  neighbourOf,
  primaryAddress,
  type RoutingState,
  reversePath,
} from '../../../src/routing/index.js';

const RULES =
  '[{"priority":0,"src":"all","table":"local"},{"priority":32766,"src":"all","table":"main"},{"priority":32767,"src":"all","table":"default"}]';
const ROUTES = `[
  {"type":"unicast","dst":"203.0.113.0/24","gateway":"198.51.100.1","dev":"eth0","table":"main"},
  {"type":"unicast","dst":"10.1.0.0/16","dev":"br0","table":"main"},
  {"type":"unicast","dst":"10.2.0.0/16","dev":"eth1","table":"main"},
  {"type":"local","dst":"198.51.100.10","dev":"eth0","table":"local","protocol":"kernel"},
  {"type":"broadcast","dst":"10.1.255.255","dev":"br0","table":"local","protocol":"kernel"}]`;
const ADDRESSES =
  '[{"ifindex":2,"ifname":"eth0","addr_info":[{"family":"inet","local":"198.51.100.10","prefixlen":24,"scope":"global"}]},' +
  '{"ifindex":3,"ifname":"br0","addr_info":[{"family":"inet","local":"10.1.0.1","prefixlen":16,"scope":"global"},{"family":"inet","local":"10.1.0.2","prefixlen":16,"scope":"global","secondary":true},{"family":"inet","local":"10.5.0.1","prefixlen":24,"scope":"global"}]}]';

const state = (sysctls: Record<string, string> | null): RoutingState => ({
  rules: parseIpRule(RULES, 4),
  routes: parseIpRoute(ROUTES),
  links: [],
  addresses: parseIpAddress(ADDRESSES),
  neighbours: [{ family: 6, address: 'fe80::1', dev: 'br0', lladdr: '02:00:00:00:00:01', states: ['STALE'] }],
  sysctls,
});

const conf = (all: number, device: number, more: Record<string, string> = {}): Record<string, string> => ({
  'net.ipv4.conf.all.rp_filter': String(all),
  'net.ipv4.conf.br0.rp_filter': String(device),
  ...more,
});

/** Sources as br0 sees them, in the columns of the matrix. */
const SOURCES = ['10.1.0.9', '10.2.0.9', '192.0.2.9', '198.51.100.10'] as const;

const passes = (sysctls: Record<string, string> | null, source: string): boolean =>
  reversePath(state(sysctls), { family: 4, destination: '203.0.113.5', source, iif: 'br0', mark: 0 }).passes;

describe('the reverse-path check', () => {
  it.each([
    [0, 0, 'FFFD'],
    [0, 1, 'FDDD'],
    [0, 2, 'FFDD'],
    [1, 0, 'FDDD'],
    [1, 1, 'FDDD'],
    [1, 2, 'FFDD'],
    [2, 0, 'FFDD'],
    [2, 1, 'FFDD'],
    [2, 2, 'FFDD'],
  ])('with all=%i and the device=%i gives %s for same, other, none, local', (all, device, expected) => {
    const seen = SOURCES.map((source) => (passes(conf(all, device), source) ? 'F' : 'D')).join('');
    expect(seen).toBe(expected);
  });

  it('lets its own address pass with accept_local', () => {
    expect(passes(conf(0, 0, { 'net.ipv4.conf.all.accept_local': '1' }), '198.51.100.10')).toBe(true);
  });

  it('names the setting and the device that the route back uses', () => {
    expect(
      reversePath(state(conf(1, 0)), {
        family: 4,
        destination: '203.0.113.5',
        source: '10.2.0.9',
        iif: 'br0',
        mark: 0,
      }),
    ).toMatchObject({
      passes: false,
      effective: 1,
      settings: { all: 1, device: 0 },
      because: 'other-device',
      expectedDevice: 'eth1',
    });
  });

  it('does not exist for IPv6', () => {
    expect(
      reversePath(state(conf(1, 1)), {
        family: 6,
        destination: '2001:db8::5',
        source: '2001:db8::9',
        iif: 'br0',
        mark: 0,
      }),
    ).toMatchObject({ passes: true, because: 'off' });
  });

  it('blames nothing where settings could not be read', () => {
    expect(passes(null, '10.2.0.9')).toBe(true);
    expect(isForwarding(state(null), 'br0', 4)).toEqual({ on: true, all: true });
  });
});

describe('forwarding', () => {
  it('is the receiving device’s flag in IPv4 and that of all in IPv6', () => {
    const settings = {
      'net.ipv4.conf.all.forwarding': '1',
      'net.ipv4.conf.br0.forwarding': '0',
      'net.ipv6.conf.all.forwarding': '0',
      'net.ipv6.conf.br0.forwarding': '1',
    };
    expect(isForwarding(state(settings), 'br0', 4)).toEqual({ on: false, all: true });
    expect(isForwarding(state(settings), 'br0', 6)).toEqual({ on: false, all: false });
  });
});

describe('a group or everybody', () => {
  const outcomeOf = (destination: string, iif: string | null, on: readonly string[] = []): string => {
    const sysctls = Object.fromEntries(on.map((device) => [`net.ipv4.conf.${device}.bc_forwarding`, '1']));
    const query = { family: 4, destination, source: null, iif, mark: 0 } as const;
    const { outcome, dev } = lookupRoute(state(sysctls), query);
    return `${outcome} ${dev ?? 'nowhere'}`;
  };

  it('needs a route of the sender, and none where it is received', () => {
    expect(outcomeOf('203.0.113.9', 'eth0')).toBe('unicast eth0');
    expect(outcomeOf('239.1.2.3', 'eth0')).toBe('multicast nowhere');
    expect(outcomeOf('239.1.2.3', null)).toBe('no-route nowhere');
    expect(outcomeOf('255.255.255.255', 'eth0')).toBe('broadcast nowhere');
  });

  it('of another link is handed on where bc_forwarding is on for all and for the receiving device', () => {
    expect(outcomeOf('10.1.255.255', 'eth0')).toBe('broadcast br0');
    expect(outcomeOf('10.1.255.255', 'eth0', ['all'])).toBe('broadcast br0');
    expect(outcomeOf('10.1.255.255', 'eth0', ['eth0'])).toBe('broadcast br0');
    expect(outcomeOf('10.1.255.255', 'eth0', ['all', 'eth0'])).toBe('unicast br0');
    expect(outcomeOf('10.1.255.255', null, ['all', 'eth0'])).toBe('broadcast br0');
    expect(outcomeOf('255.255.255.255', 'eth0', ['all', 'eth0'])).toBe('broadcast nowhere');
  });
});

describe('addresses', () => {
  it('are classed by the local table', () => {
    const of = (address: string): string => addressType(state(null), address);
    expect(['198.51.100.10', '10.1.255.255', '203.0.113.5', '224.0.0.1', 'ff02::1', '255.255.255.255'].map(of)).toEqual(
      ['local', 'broadcast', 'unicast', 'multicast', 'multicast', 'broadcast'],
    );
  });

  it('that a sender gets are primary ones, the one beside the next hop first', () => {
    expect(primaryAddress(state(null), 'br0', 4)).toBe('10.1.0.1');
    expect(primaryAddress(state(null), 'br0', 4, '10.5.0.9')).toBe('10.5.0.1');
    expect(primaryAddress(state(null), 'tun0', 4)).toBe('198.51.100.10');
  });

  it('of neighbours are found in any spelling', () => {
    expect(neighbourOf(state(null), 'br0', 'fe80:0::0:1')?.states).toEqual(['STALE']);
    expect(neighbourOf(state(null), 'eth0', 'fe80::1')).toBeNull();
    expect(neighbourOf(state(null), 'br0', 'no address')).toBeNull();
  });
});

describe('a rule that cannot be judged', () => {
  it('is passed over and listed', () => {
    const rules = parseIpRule('[{"priority":5,"src":"all","sport":99,"ipproto":"tcp","action":"blackhole"}]', 4);
    const odd = { ...state(null), rules: [...rules, ...state(null).rules] };
    const query = { family: 4, destination: '203.0.113.5', source: null, iif: null, mark: 0 } as const;
    expect(lookupRoute(odd, { ...query, protocol: 'tcp' })).toMatchObject({
      outcome: 'unicast',
      unknowns: [rules[0]?.text],
    });
    expect(lookupRoute(odd, { ...query, protocol: 'udp' }).unknowns).toEqual([]);
    expect(lookupRoute(odd, { ...query, protocol: 'tcp', sourcePort: 99 })).toMatchObject({
      outcome: 'blackhole',
      decidedBy: 'rule',
    });
  });
});
