/**
 * Words that are never taken for a name of the user's: what the run document, the kernel and the tools call things by
 * themselves. A container that is called `filter` is not told from the table by its name.
 */
const WORDS = `
  accept address addresses all alternate-uplink any arp bonding bridge bridge-forward bridge-port broadcast chain connection conntrack container
  control counter counters default degraded destination device dnat docker docker0 drop egress established ether eth0 eth1 false family fault filter
  forward gateway global healthy host inet input inbound interface invalid ip ip6 ip6tables iptables kernel lateral link links local localhost lookup lower
  main mangle mark masquerade metric multicast nat neighbour neighbours net netns network new nft nftables node none null ok outbound output outside
  packet path peer ping podman policy port postrouting prerouting priority probe proto protocol proxy qdisc queue raw reject related reply request return
  return-egress root route routes router rule rules scope security service set snat socket source stage state status sysctl table target tcp tcpdump trace
  true tunnel udp unicast unknown unreachable untracked uplink veth veth-host vethoscope vlan vxlan wire
`;

const RESERVED = new Set(WORDS.trim().split(/\s+/));

/** Whether a name can be replaced wherever it occurs without harm to what else is written there. */
export const isTelling = (name: string): boolean =>
  name.length >= 3 && /[A-Za-z]/.test(name) && !/^(h\d+|ns\d+|V\d{4})$/.test(name) && !RESERVED.has(name.toLowerCase());
