/** Programs that the project runs, and the Debian package of each. `demo` marks what `npm run demo` needs. */
export const PROGRAMS = [
  { program: 'ip', package: 'iproute2', demo: true },
  { program: 'tc', package: 'iproute2', demo: false },
  { program: 'bridge', package: 'iproute2', demo: true },
  { program: 'ping', package: 'iputils-ping', demo: true },
  { program: 'tcpdump', package: 'tcpdump', demo: true },
  { program: 'nsenter', package: 'util-linux', demo: true },
  { program: 'unshare', package: 'util-linux', demo: true },
  { program: 'setpriv', package: 'util-linux', demo: true },
  { program: 'mount', package: 'mount', demo: true },
  { program: 'sysctl', package: 'procps', demo: true },
  { program: 'perl', package: 'perl-base', demo: true },
  { program: 'iptables', package: 'iptables', demo: true },
  { program: 'iptables-legacy', package: 'iptables', demo: false },
  { program: 'nft', package: 'nftables', demo: true },
  { program: 'conntrack', package: 'conntrack', demo: false },
];
