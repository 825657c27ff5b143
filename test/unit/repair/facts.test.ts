import { expect, test } from 'vitest';
import { changesBetween, deviceOf, factsOf, merged, withChanges } from '../../../src/repair/facts/facts.js';
import {
  addressFacts,
  fdbFacts,
  linkFacts,
  routeFacts,
  ruleFacts,
  vlanFacts,
} from '../../../src/repair/facts/from-ip.js';
import {
  frameFacts,
  iptablesFacts,
  isNftEmpty,
  legacyTableFacts,
  nftFacts,
  nftHandle,
  sysctlFacts,
} from '../../../src/repair/facts/from-kernel.js';
import { kernelEffects } from '../../../src/repair/kernel-effects.js';

test.each(['', '[', '{}', 'null', '[1,null,"x"]', '[{"ifname":{"a":1}}]'])(
  'garbage %j instead of JSON is no crash',
  (text) => {
    for (const parse of [linkFacts, addressFacts, vlanFacts]) expect(() => parse(text)).not.toThrow();
  },
);

test('sysctls of the network alone, with device names as they are, without what the kernel counts', () => {
  const output = [
    'net.ipv4.conf.eth0/100.rp_filter = 2',
    'net.ipv4.conf.__proto__.rp_filter = 1',
    'net.ipv4.tcp_rmem = 4096\t131072\t6291456',
    'net.netfilter.nf_conntrack_count = 7',
    'kernel.hostname = net.x = 1',
    'sysctl: permission denied on key',
  ].join('\n');
  const facts = factsOf(sysctlFacts(output));
  expect([...facts]).toEqual([
    ['sysctl net.ipv4.conf.eth0/100.rp_filter', '2'],
    ['sysctl net.ipv4.conf.__proto__.rp_filter', '1'],
    ['sysctl net.ipv4.tcp_rmem', '4096 131072 6291456'],
  ]);
  expect(deviceOf({ facet: 'sysctl', key: 'net.ipv4.conf.eth0/100.rp_filter' })).toBe('eth0.100');
});

test('a route without what comes and goes by itself', () => {
  const output =
    'default via 192.0.2.1 dev eth0 metric 100 linkdown \n10.0.0.0/8 \\\tnexthop via 192.0.2.1 dev eth0 weight 1 dead linkdown\\\tnexthop via 192.0.2.2 dev eth0 weight 2\n';
  expect(routeFacts(output, 4).map(([, key]) => key)).toEqual([
    '4 default via 192.0.2.1 dev eth0 metric 100',
    '4 10.0.0.0/8 nexthop via 192.0.2.1 dev eth0 weight 1 nexthop via 192.0.2.2 dev eth0 weight 2',
  ]);
  expect(routeFacts('2001:db8::/64 dev eth0 proto ra metric 1024 expires 86397sec pref medium\n', 6)).toEqual([
    ['route', '6 2001:db8::/64 dev eth0 proto ra metric 1024 pref medium', 'present'],
  ]);
});

test('rules of one priority are one fact, in their order', () => {
  const output =
    '0:\tfrom all lookup local\n100:\tfrom all iif eth9 [detached] lookup 5\n100:\tnot from 10.0.0.0/8 lookup 7\n';
  expect(ruleFacts(output, 4)).toEqual([
    ['rule', '4 0', 'from all lookup local'],
    ['rule', '4 100', 'from all iif eth9 lookup 5\nnot from 10.0.0.0/8 lookup 7'],
  ]);
});

test('addresses with the words that ip addr add takes', () => {
  const json = JSON.stringify([
    {
      ifname: 'eth0',
      addr_info: [
        {
          local: '192.0.2.5',
          prefixlen: 24,
          broadcast: '192.0.2.255',
          scope: 'global',
          label: 'eth0:1',
          noprefixroute: true,
        },
        { local: '10.0.0.1', address: '10.0.0.2', prefixlen: 32, scope: 'global', label: 'eth0' },
      ],
    },
  ]);
  expect(addressFacts(json)).toEqual([
    ['address', 'eth0 192.0.2.5/24', 'broadcast 192.0.2.255 scope global label eth0:1 noprefixroute'],
    ['address', 'eth0 10.0.0.1', 'peer 10.0.0.2/32 scope global'],
  ]);
});

test('of the forwarding database what somebody set', () => {
  const output = [
    '33:33:00:00:00:01 dev eth0 self permanent',
    '02:00:00:00:00:01 dev v0 master br0',
    '02:00:00:00:00:02 dev v0 vlan 10 master br0 static',
    '00:00:00:00:00:00 dev vx0 dst 192.0.2.9 self permanent',
  ].join('\n');
  expect(fdbFacts(output).map(([, key]) => key)).toEqual([
    '02:00:00:00:00:02 dev v0 vlan 10 master br0 static',
    '00:00:00:00:00:00 dev vx0 dst 192.0.2.9 self permanent',
  ]);
});

const RULESET = `# Warning: table ip nat is managed by iptables-nft, do not touch!
table ip nat { # handle 1
	chain POSTROUTING { # handle 1
		type nat hook postrouting priority srcnat; policy accept;
	}
}
# Warning: table ip filter is managed by iptables-nft, do not touch!
table inet fw { # handle 2
	set s { # handle 3
		type ipv4_addr
	}

	chain f { # handle 1
		type filter hook forward priority filter; policy drop;
		iifname "br0" accept comment "vethoscope:ab12:2" # handle 7
		iifname "br1" accept comment "not vethoscope" # handle 8
	}
}
table inet bare { # handle 5
}
`;

test('of the ruleset tables, chains and our own rules', () => {
  expect(nftFacts(RULESET)).toEqual([
    ['nft-table', 'ip nat', 'present'],
    ['nft-chain', 'ip nat POSTROUTING', ''],
    ['nft-chain', 'ip nat POSTROUTING', 'type nat hook postrouting priority srcnat; policy accept;'],
    ['nft-table', 'inet fw', 'present'],
    ['nft-chain', 'inet fw f', ''],
    ['nft-chain', 'inet fw f', 'type filter hook forward priority filter; policy drop;'],
    ['firewall-rule', 'vethoscope:ab12:2', 'nft inet fw f: iifname "br0" accept comment "vethoscope:ab12:2"'],
    ['nft-table', 'inet bare', 'present'],
  ]);
  expect(nftHandle(RULESET, 'vethoscope:ab12:2')).toBe('7');
  expect(nftHandle(RULESET, 'vethoscope:ab12:1')).toBeNull();
  expect(isNftEmpty(RULESET, 'ip nat POSTROUTING')).toBe(true);
  expect(isNftEmpty(RULESET, 'ip nat')).toBe(false);
  expect(isNftEmpty(RULESET, 'inet fw f')).toBe(false);
  expect(isNftEmpty(RULESET, 'inet bare')).toBe(true);
});

test('a rule of ours that was copied has both values; one that nft shows as well has one', () => {
  const one = '*filter\n-A FORWARD -s 192.0.2.1 -m comment --comment "vethoscope:ab:1" -j ACCEPT\n';
  const two = `${one}-A FORWARD -s 192.0.2.2 -m comment --comment "vethoscope:ab:1" -j ACCEPT\n`;
  const key = 'firewall-rule vethoscope:ab:1';
  expect(factsOf(iptablesFacts(two, 'iptables-nft')).get(key)?.split('\n')).toHaveLength(2);
  const inNft = ['firewall-rule', 'vethoscope:ab:1', 'nft ip filter FORWARD: accept'] as const;
  expect(factsOf([inNft, ...iptablesFacts(one, 'iptables-nft')]).get(key)).toMatch(/^iptables-nft filter: /);
});

test('changes made one after another are one, and what came back is none', () => {
  const state = (value: string) => new Map([['host', new Map([['sysctl net.a', value]])]]);
  const [first] = changesBetween(state('0'), state('1'));
  const [second] = changesBetween(state('1'), state('2'));
  const [back] = changesBetween(state('2'), state('0'));
  if (!first || !second || !back) throw new Error('no change');
  expect(merged([first, second])).toEqual([{ netns: 'host', facet: 'sysctl', key: 'net.a', before: '0', after: '2' }]);
  expect(merged([first, second, back])).toEqual([]);
  expect(withChanges(state('0'), [first, second])).toEqual(state('2'));
  expect(changesBetween(state('0'), state('1'), ['route'])).toEqual([]);
});

test('the rules of ebtables and arptables by chain, in order, without counters', () => {
  const output = [
    '# Generated by ebtables-nft-save',
    '*filter',
    ':FORWARD ACCEPT',
    '-A FORWARD -p IPv4 -i v0 -j DROP -c 3 252',
    '[2:56] -A FORWARD -j ACCEPT -i br0',
    '*nat',
    '-A PREROUTING -p ARP -j DROP',
  ].join('\n');
  expect(frameFacts(output, 'ebtables-nft')).toEqual([
    ['frame-rules', 'ebtables-nft filter FORWARD', '-p IPv4 -i v0 -j DROP\n-j ACCEPT -i br0'],
    ['frame-rules', 'ebtables-nft nat PREROUTING', '-p ARP -j DROP'],
  ]);
});

test('a legacy table that is not registered yet is said to stay, and one that is is not', () => {
  const state = new Map([['host', factsOf(legacyTableFacts('iptables filter\nip6tables nat\n'))]]);
  const said = (command: string) => kernelEffects(command.split(' '), state, 'host');
  expect(said('iptables-legacy -I FORWARD -j ACCEPT')).toEqual([]);
  expect(said('ip6tables-legacy -w 5 -t nat -A POSTROUTING -j MASQUERADE')).toEqual([]);
  expect(said('iptables-legacy -w 5 -t nat -A POSTROUTING -j MASQUERADE')).toEqual([
    'the legacy table nat of iptables appears; undo leaves it empty, the kernel keeps it until a restart',
  ]);
  expect(said('iptables -t nat -A POSTROUTING -j MASQUERADE')).toEqual([]);
});
