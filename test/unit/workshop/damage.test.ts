import { describe, expect, test } from 'vitest';
import { COLLATERAL } from '../../../src/model/scenario.js';
import { findDamage } from '../../../src/workshop/damage.js';
import { type LabState, parseLabState } from '../../../src/workshop/lab-state.js';

const HEALTHY = `@@@ iptables
# Generated
*filter
:INPUT ACCEPT [0:0]
:FORWARD DROP [3:252]
:DOCKER-USER - [0:0]
-A FORWARD -j DOCKER-USER
-A FORWARD -i br0 -j ACCEPT
COMMIT
*nat
:POSTROUTING ACCEPT [0:0]
-A POSTROUTING -s 192.168.0.0/24 ! -o br0 -j MASQUERADE
COMMIT
@@@ nft
table ip filter {
	chain FORWARD {
		type filter hook forward priority filter; policy drop;
		iifname "br0" accept
	}
}
table inet site {
	set bad {
		type ipv4_addr
		elements = { 203.0.113.9 }
	}
	chain forward {
		type filter hook forward priority filter; policy drop;
		ct state established accept
		ip saddr @bad drop
	}
}
@@@ rp_filter
all 0
eth0 1
@@@ routes
default via 198.51.100.1 dev eth0
192.168.0.0/24 dev br0 proto kernel scope link src 192.168.0.1
@@@ addresses
eth0@if2         UP             198.51.100.10/24
br0              UP             192.168.0.1/24
`;

const state = (text: string): LabState => parseLabState([['host', text]]);
const healthy = state(HEALTHY);
const found = (change: (text: string) => string, broken = HEALTHY) =>
  findDamage(COLLATERAL, { healthy, broken: state(broken) }, state(change(HEALTHY)));

test('a state is read by table, chain, device and route', () => {
  expect(healthy).toEqual({
    rules: [
      'host iptables filter -A FORWARD -j DOCKER-USER',
      'host iptables filter -A FORWARD -i br0 -j ACCEPT',
      'host iptables nat -A POSTROUTING -s 192.168.0.0/24 ! -o br0 -j MASQUERADE',
      'host nft inet/site forward ct state established accept',
      'host nft inet/site forward ip saddr @bad drop',
    ],
    policies: {
      'host iptables filter INPUT': 'ACCEPT',
      'host iptables filter FORWARD': 'DROP',
      'host iptables nat POSTROUTING': 'ACCEPT',
      'host nft inet/site forward': 'DROP',
    },
    rpFilter: { 'host all': '0', 'host eth0': '1' },
    routes: [
      'host default via 198.51.100.1 dev eth0',
      'host 192.168.0.0/24 dev br0 proto kernel scope link src 192.168.0.1',
    ],
    addresses: ['host eth0 198.51.100.10/24', 'host br0 192.168.0.1/24'],
  });
});

test('a network as it was has no damage', () => {
  expect(found((text) => text)).toEqual([]);
});

describe('damage', () => {
  test.each<[string, (text: string) => string, readonly string[]]>([
    ['an opened policy', (text) => text.replace(':FORWARD DROP', ':FORWARD ACCEPT'), ['forward-accept-all']],
    [
      'an opened policy of nft',
      (text) => text.replace(/(site[\s\S]*)policy drop/, '$1policy accept'),
      ['forward-accept-all'],
    ],
    [
      'a rule that accepts all',
      (text) => text.replace('-A FORWARD -j DOCKER-USER', '-A FORWARD -j ACCEPT\n-A FORWARD -j DOCKER-USER'),
      ['forward-accept-all'],
    ],
    ['a rule of nft that accepts all', (text) => text.replace('ct state', 'accept\nct state'), ['forward-accept-all']],
    ['a flushed table', (text) => text.replace(/-A POSTROUTING.*\n/, ''), ['table-flushed']],
    ['a flushed table of nft', (text) => text.replace(/\t\tct state.*\n\t\tip saddr.*\n/, ''), ['table-flushed']],
    ['a rule that is gone', (text) => text.replace('-A FORWARD -j DOCKER-USER\n', ''), ['rules-deleted']],
    ['no reverse-path check', (text) => text.replace('eth0 1', 'eth0 0'), ['rp-filter-off']],
    [
      'a greedy MASQUERADE',
      (text) => text.replace('-A POSTROUTING', '-A POSTROUTING -j MASQUERADE\n-A POSTROUTING'),
      ['masquerade-all'],
    ],
    ['a route that is gone', (text) => text.replace(/default via.*\n/, ''), ['route-deleted']],
    ['an address that is gone', (text) => text.replace('198.51.100.10/24', ''), ['address-changed']],
    ['everything', () => '', ['table-flushed', 'rp-filter-off', 'route-deleted', 'address-changed']],
  ])('%s is seen', (_, change, kinds) => {
    expect(found(change).map(({ kind }) => kind)).toEqual(kinds);
  });

  test.each<[string, (text: string) => string]>([
    [
      'a rule for the bridge alone',
      (text) => text.replace('-A FORWARD -j', '-A FORWARD -o br0 -j ACCEPT\n-A FORWARD -j'),
    ],
    [
      'a MASQUERADE for a subnet',
      (text) => text.replace('-A POSTROUTING', '-A POSTROUTING -s 10.0.0.0/8 -j MASQUERADE\n-A POSTROUTING'),
    ],
    ['a loose reverse-path check', (text) => text.replace('eth0 1', 'eth0 2')],
    ['a new route', (text) => text.replace('default via', '10.0.0.0/8 via 198.51.100.1 dev eth0\ndefault via')],
  ])('%s is none', (_, change) => {
    expect(found(change)).toEqual([]);
  });

  test('what the break itself took away is not missed, and what it brought may be removed', () => {
    const broken = HEALTHY.replace('-A FORWARD -j DOCKER-USER\n', '-A FORWARD -j DROP\n');
    expect(found((text) => text.replace('-A FORWARD -j DOCKER-USER\n', ''), broken)).toEqual([]);
  });

  test('a policy that was open in the healthy network may be opened again', () => {
    const open = HEALTHY.replace(':FORWARD DROP', ':FORWARD ACCEPT');
    expect(findDamage(COLLATERAL, { healthy: state(open), broken: healthy }, state(open))).toEqual([]);
  });

  test('only the kinds that count are looked for', () => {
    expect(findDamage(['rp-filter-off'], { healthy, broken: healthy }, state(''))).toHaveLength(1);
    expect(findDamage([], { healthy, broken: healthy }, state(''))).toEqual([]);
  });
});
