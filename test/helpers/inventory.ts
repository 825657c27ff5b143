import type { Lab } from '../../src/lab/lab.js';

/** Everything that a repair may change and has to put back, without counters, times and what the kernel learns. */
const INVENTORY = [
  "ip -d -o link | sed -E 's/_timer +[0-9.]+//g; s/ (promiscuity|allmulti|multicast_router) [0-9]+//g; s/(NO-CARRIER,|,LOWER_UP)//g; s/ state [A-Z]+//; s/ mode (DEFAULT|DORMANT)//; s/ (tso_max_size|topology_change|topology_change_detected|designated_root|bridge_id|root_id|root_port|root_path_cost|designated_port|designated_cost|tcn|hello|qdisc|cost) +[^ ]+//g'",
  "bridge -d link | sed -E 's/(NO-CARRIER,|,LOWER_UP)//g; s/ cost [0-9]+//'",
  'ip -o addr | sed "s/ tentative//; s/ valid_lft.*//"',
  'ip -o -4 route show table all | sed "s/ linkdown//g; s/ dead//g" | sort',
  'ip -o -6 route show table all | sed "s/ linkdown//g; s/ dead//g" | sort',
  'ip -4 rule; ip -6 rule',
  'ip neigh show nud permanent',
  'for t in ebtables arptables; do $t-nft-save | grep -v "^#"; done',
  'bridge fdb show | grep static',
  'bridge vlan show',
  // Handle 0 is the kernel's own, which a device has from its first "up" on.
  "tc -d -r qdisc show | grep -v ' 0:\\[00000000\\]' | sed -E 's/ refcnt [0-9]+//; s/ direct_packets_stat [0-9]+//'",
  'for d in $(ip -o link | cut -d: -f2 | cut -d@ -f1); do for h in ingress egress; do tc filter show dev $d $h 2>/dev/null; done; done',
  'ip -s xfrm policy | sed -E "s/ index [0-9]+//; s/[0-9]+\\((bytes|packets)\\)//g; s/^[[:space:]]+add .*//"',
  'nft list ruleset | sed -E "s/packets [0-9]+ bytes [0-9]+//"',
  'for t in iptables ip6tables; do $t-nft-save | sed -E "s/^#.*//; s/\\[[0-9:]*\\]//"; done',
  '[ -z "$(cat /proc/net/ip_tables_names 2>/dev/null)" ] || iptables-legacy-save | sed -E "s/^#.*//; s/\\[[0-9:]*\\]//"',
  "sysctl -a -r '^net' 2>/dev/null | grep -v -E 'conntrack_count'",
].join('; ');

/** The inventory of every namespace of a lab but the outside. */
export const inventoryOf = async (lab: Lab): Promise<string> => {
  const texts: string[] = [];
  for (const netns of ['host', ...lab.topology.namespaces.filter((name) => name !== 'outside')]) {
    const { stdout } = await lab.exec(INVENTORY, { netns });
    texts.push(`== ${netns}\n${stdout}`);
  }
  return texts.join('\n');
};
