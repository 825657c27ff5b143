const PREFIXES: Readonly<Record<string, string>> = {
  '192.168.0': '2001:db8:a::',
  '192.168.1': '2001:db8:b::',
  '10.9.0': '2001:db8:a::9:',
  '198.51.100': '2001:db8:64::',
  '198.51.101': '2001:db8:65::',
  '203.0.113': '2001:db8:cb::',
};

const SPECIAL: Readonly<Record<string, string>> = {
  '10.0.0.0/8': '2001:db8:a::9:0/112',
  '0.0.0.0/0.0.0.1': '::/::1',
  '0.0.0.1': '::1',
};

/** Lengths of IPv4 networks of the world, and of the IPv6 ones that stand for them. */
const LENGTHS: Readonly<Record<string, string>> = { '24': '64', '29': '125', '32': '128' };

const address = (three: string, last: string): string =>
  `${PREFIXES[three] ?? '2001:db8:ff::'}${Number(last) === 0 ? '' : last}`.replace(/:$/, '::').replace(':::', '::');

const WORDS: readonly (readonly [RegExp, string])[] = [
  [/-p icmp -m icmp (! )?--icmp-type 8/g, '-p ipv6-icmp -m icmp6 $1--icmpv6-type 128'],
  [/-p icmp -m icmp --icmp-type 3\/1/g, '-p ipv6-icmp -m icmp6 --icmpv6-type 1/1'],
  [/-p icmp\b/g, '-p ipv6-icmp'],
  [/icmp-host-prohibited/g, 'icmp6-adm-prohibited'],
  [/-type BROADCAST/g, '-type MULTICAST'],
  [/-m ttl --ttl/g, '-m hl --hl'],
  [/icmp type/g, 'icmpv6 type'],
  [/reject with icmp host-prohibited/g, 'reject with icmpv6 admin-prohibited'],
  [/ip (saddr|daddr)/g, 'ip6 $1'],
  [/ip ttl/g, 'ip6 hoplimit'],
  [/ip protocol/g, 'ip6 nexthdr'],
  [/\b(tcp, )icmp\b/g, '$1icmpv6'],
  [/(ip6 nexthdr) icmp\b/g, '$1 icmpv6'],
  [/\bicmp : continue/g, 'icmpv6 : continue'],
  [/local, broadcast/g, 'local, multicast'],
  [/nfproto ipv4/g, 'nfproto ipv6'],
  [/(dnat|snat) ip to/g, '$1 ip6 to'],
  [/type ipv4_addr/g, 'type ipv6_addr'],
  [/table ip fuzz/g, 'table ip6 fuzz'],
  [/@nh,128,32 0xcb007105/g, 'ip6 hoplimit > 0'],
  [/--match-set hosts/g, '--match-set hosts6'],
  [/--match-set services/g, '--match-set services6'],
];

/** A ruleset, or an address, of the IPv4 world as one of the IPv6 world beside it. */
export const toSix = (text: string): string => {
  let six = text;
  for (const [from, to] of Object.entries(SPECIAL)) six = six.replaceAll(from, to);
  six = six.replace(
    /\b(\d+\.\d+\.\d+)\.(\d+)(?:\/(\d+))?:(\d+)/g,
    (_, three, last, __, port) => `[${address(three, last)}]:${port}`,
  );
  six = six.replace(/\b(\d+\.\d+\.\d+)\.(\d+)(?:\/(\d+))?/g, (_, three, last, length) =>
    length === undefined ? address(three, last) : `${address(three, last)}/${LENGTHS[length] ?? '64'}`,
  );
  for (const [from, to] of WORDS) six = six.replace(from, to);
  return six;
};
