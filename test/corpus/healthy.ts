import type { Fault } from '../../src/lab/fault.js';
import { nfCtHelperMissing } from '../../src/lab/faults/nf-ct-helper-missing.js';
import { nfMasqFailoverFirstPacket } from '../../src/lab/faults/nf-masq-failover-first-packet.js';
import { pubUdpStaleConntrack } from '../../src/lab/faults/pub-udp-stale-conntrack.js';
import { blamed } from './judge.js';
import { inParallel, runTrial } from './trial.js';

/** An unusual set-up that works: nothing in it may be blamed. */
export interface Healthy {
  readonly id: string;
  readonly topology: string;
  readonly commands: readonly string[];
  readonly probe?: Fault['probe'];
}

const on =
  (topology: string) =>
  (id: string, ...commands: readonly string[]): Healthy => ({ id, topology, commands });

const textbook = on('textbook');
const docker = on('docker');
const lateral = on('two-containers');
const lateral6 = on('two-containers-ipv6');
const routed = on('routed-veth');
const second = on('second-uplink');
const bridgedOut = on('bridged-uplink');

/** A port of a bridge, with nobody behind it. */
const idlePort = (bridge: string): readonly string[] => [
  'ip link add idle type veth peer name idle_p',
  `ip link set idle_p master ${bridge} up`,
];

/** Rules that have nothing to do with the flow, and counters that others move. */
const rules: readonly Healthy[] = [
  textbook('drop-for-another-subnet', 'iptables -A FORWARD -s 10.99.0.0/16 -j DROP'),
  textbook('drop-for-another-port', 'iptables -A FORWARD -p tcp --dport 25 -j DROP'),
  textbook('drop-for-another-device', 'iptables -A FORWARD -i eth9 -j DROP'),
  textbook('reject-in-a-chain-that-nothing-leads-to', 'iptables -N LONELY', 'iptables -A LONELY -j REJECT'),
  textbook('accepted-before-the-drop', 'iptables -A FORWARD -j ACCEPT', 'iptables -A FORWARD -j DROP'),
  textbook(
    'policy-drop-with-accepts',
    'iptables -A FORWARD -i br0 -j ACCEPT',
    'iptables -A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    'iptables -P FORWARD DROP',
  ),
  textbook('input-policy-drop', 'iptables -P INPUT DROP'),
  textbook(
    'output-policy-drop-of-the-host-with-an-exception',
    'iptables -A OUTPUT -d 203.0.113.5 -j ACCEPT',
    'iptables -P OUTPUT DROP',
  ),
  textbook(
    'nft-drop-for-others',
    'nft add table inet fw',
    "nft add chain inet fw forward '{ type filter hook forward priority 0; policy accept; }'",
    'nft add rule inet fw forward ip saddr 10.0.0.0/8 counter drop',
  ),
  textbook(
    'nft-policy-drop-with-accepts',
    'nft add table inet fw',
    "nft add chain inet fw forward '{ type filter hook forward priority 10; policy accept; }'",
    'nft add rule inet fw forward ct state established,related accept',
    'nft add rule inet fw forward iifname br0 accept',
    'nft add rule inet fw forward drop',
  ),
  textbook('logged-before-it-passes', 'iptables -A FORWARD -m limit --limit 1/s -j LOG'),
  textbook('legacy-and-nft-together', 'iptables-legacy -A FORWARD -s 10.5.0.0/16 -j DROP'),
  textbook(
    'moving-counters-of-a-drop',
    'iptables -A OUTPUT -d 192.0.2.1 -j DROP',
    'ping -c 3 -i 0.05 -W 0.05 192.0.2.1 >/dev/null 2>&1 || true',
  ),
  textbook('queue-with-bypass', 'iptables -A FORWARD -j NFQUEUE --queue-num 7 --queue-bypass'),
  textbook('queue-for-another-port', 'iptables -A FORWARD -p tcp --dport 9999 -j NFQUEUE --queue-num 7'),
  textbook(
    'set-without-the-destination',
    'ipset create banned hash:net',
    'ipset add banned 10.0.0.0/8',
    'iptables -A FORWARD -m set --match-set banned dst -j DROP',
  ),
  textbook(
    'dnat-for-the-host-alone',
    'iptables -t nat -A PREROUTING -d 198.51.100.10 -p tcp --dport 80 -j DNAT --to-destination 192.168.0.9:80',
  ),
  textbook(
    'dnat-of-another-port',
    'iptables -t nat -A PREROUTING -p tcp --dport 9000 -j DNAT --to-destination 127.0.0.1:9999',
  ),
  textbook('masquerade-twice', 'iptables -t nat -A POSTROUTING -o eth0 -j MASQUERADE'),
  textbook(
    'snat-in-place-of-masquerade',
    'iptables -t nat -I POSTROUTING -s 192.168.0.0/24 -o eth0 -j SNAT --to-source 198.51.100.10',
  ),
  textbook('marked-without-a-rule', 'iptables -t mangle -A PREROUTING -i br0 -j MARK --set-mark 0x7'),
  textbook('raw-drop-for-another-address', 'iptables -t raw -A PREROUTING -d 192.168.0.77 ! -i br0 -j DROP'),
  textbook('firewall-in-the-container', 'ip netns exec net1 iptables -A INPUT -p tcp -j DROP'),
  docker(
    'docker-user-with-a-return',
    'iptables -I DOCKER-USER -j RETURN',
    'iptables -A DOCKER-USER -s 10.0.0.0/8 -j DROP',
  ),
  docker('isolation-of-another-bridge', 'iptables -A DOCKER-ISOLATION-STAGE-1 -i br9 ! -o br9 -j DROP'),
  docker('docker-behind-a-policy-drop', 'iptables -P INPUT DROP'),
];

/** Devices, bridges and addresses beside the path, some of them broken. */
const devices: readonly Healthy[] = [
  bridgedOut(
    'another-port-beside-the-nic-does-not-forward',
    ...idlePort('vmbr0'),
    'bridge link set dev idle_p state 0',
  ),
  bridgedOut(
    'rules-for-other-frames-at-the-nic',
    'ebtables -A FORWARD -i eth0 -j DROP',
    'ebtables -A INPUT -i eth0 -p IPv6 -j DROP',
    'ebtables -A OUTPUT -o eth0 -s 02:00:00:00:00:99 -j DROP',
  ),
  bridgedOut(
    'br-netfilter-at-the-nic',
    'sysctl -qw net.bridge.bridge-nf-call-iptables=1',
    'iptables -t raw -A PREROUTING -m physdev --physdev-in eth0 -p tcp --dport 25 -j DROP',
  ),
  textbook('another-bridge-is-down', 'ip link add br9 type bridge', 'ip addr add 10.9.0.1/24 dev br9'),
  textbook(
    'another-bridge-without-ports',
    'ip link add br9 type bridge',
    'ip addr add 10.9.0.1/24 dev br9',
    'ip link set br9 up',
  ),
  textbook('another-veth-is-down', 'ip link add idle type veth peer name idle_p', 'ip link set idle_p master br0'),
  textbook(
    'another-veth-on-no-bridge',
    'ip link add idle type veth peer name idle_p',
    'ip link set idle up',
    'ip link set idle_p up',
  ),
  textbook('another-port-is-locked', ...idlePort('br0'), 'bridge link set dev idle_p locked on'),
  textbook('another-port-is-blocking', ...idlePort('br0'), 'bridge link set dev idle_p state 0'),
  textbook('the-port-is-isolated-alone', 'bridge link set dev veth1_p isolated on'),
  textbook('the-port-does-not-flood-but-learns', 'bridge link set dev veth1_p flood off'),
  textbook(
    'the-port-is-locked-and-authorised',
    'bridge fdb replace "$(ip netns exec net1 cat /sys/class/net/eth0/address)" dev veth1_p master static',
    'bridge link set dev veth1_p learning off locked on',
  ),
  textbook('hairpin-on', 'bridge link set dev veth1_p hairpin on'),
  textbook('stp-on-and-forwarding', 'ip link set br0 type bridge stp_state 1 forward_delay 200', 'sleep 5'),
  textbook('a-second-address-on-the-bridge', 'ip addr add 192.168.7.1/24 dev br0'),
  textbook('a-second-address-in-the-container', 'ip netns exec net1 ip addr add 192.168.0.22/24 dev eth0'),
  textbook(
    'a-permanent-neighbour-that-is-right',
    `ip netns exec net1 ip neigh replace 192.168.0.1 lladdr "$(ip -br link show br0 | awk '{print $3}')" dev eth0 nud permanent`,
  ),
  textbook(
    'a-larger-mtu-inside',
    'ip link set br0 mtu 1500',
    'ip netns exec net1 ip link set eth0 mtu 1400',
    'ip link set veth1_p mtu 1400',
  ),
  textbook(
    'a-fixed-mac-on-the-bridge',
    'ip link set br0 address 02:00:00:00:00:b0',
    'ip netns exec net1 ip neigh flush all',
  ),
  textbook('a-shaper-with-room', 'tc qdisc replace dev eth0 root tbf rate 100mbit burst 64kb latency 50ms'),
  textbook('promiscuous-bridge', 'ip link set br0 promisc on'),
  lateral(
    'neighbours-without-br-netfilter',
    'sysctl -qw net.bridge.bridge-nf-call-iptables=0',
    'iptables -P FORWARD DROP',
  ),
  lateral(
    'neighbours-with-br-netfilter-accepted',
    'sysctl -qw net.bridge.bridge-nf-call-iptables=1',
    'iptables -A FORWARD -i br0 -o br0 -j ACCEPT',
    'iptables -P FORWARD DROP',
  ),
  lateral('neighbours-without-a-gateway', 'ip netns exec net1 ip route del default'),
  lateral('neighbours-without-forwarding', 'sysctl -qw net.ipv4.ip_forward=0'),
  lateral('neighbours-without-an-uplink', 'ip link set eth0 down'),
];

/** Routes, rules and settings that look wrong and are not. */
const routes: readonly Healthy[] = [
  textbook(
    'forwarding-off-on-another-device',
    'ip link add idle type veth peer name idle_p',
    'sysctl -qw net.ipv4.conf.idle.forwarding=0',
  ),
  textbook('strict-reverse-path-that-fits', 'sysctl -qw net.ipv4.conf.all.rp_filter=1'),
  textbook('loose-reverse-path', 'sysctl -qw net.ipv4.conf.all.rp_filter=2'),
  textbook('blackhole-for-another-network', 'ip route add blackhole 10.0.0.0/8'),
  textbook('a-more-specific-route-by-the-same-gateway', 'ip route add 203.0.113.0/24 via 198.51.100.1'),
  textbook(
    'a-default-route-with-a-worse-metric',
    'ip link add idle type veth peer name idle_p',
    'ip link set idle up',
    'ip link set idle_p up',
    'ip addr add 10.8.0.1/24 dev idle',
    'ip route add default via 10.8.0.2 dev idle metric 900',
  ),
  textbook(
    'a-rule-for-another-source',
    'ip rule add pref 900 from 10.0.0.0/8 lookup 100',
    'ip route add unreachable default table 100',
  ),
  textbook(
    'a-rule-for-a-mark-that-nobody-sets',
    'ip rule add pref 900 fwmark 0x7 lookup 100',
    'ip route add unreachable default table 100',
  ),
  textbook('an-ipsec-policy-for-others', 'ip xfrm policy add src 10.0.0.0/8 dst 10.1.0.0/16 dir fwd action block'),
  textbook(
    'an-ipsec-policy-that-allows',
    'ip xfrm policy add src 192.168.0.0/24 dst 203.0.113.0/24 dir fwd priority 1',
    'ip xfrm policy add src 192.168.0.0/16 dst 203.0.113.0/24 dir fwd action block priority 9',
  ),
  textbook('a-dead-neighbour-elsewhere', 'ping -c 1 -W 0.1 198.51.100.77 >/dev/null 2>&1 || true'),
  lateral6(
    'multicast-snooping-with-a-querier',
    'ip link set br0 type bridge mcast_query_response_interval 50 mcast_querier 1',
    'sleep 1',
    'ip -6 -n net1 neigh flush all',
  ),
  lateral6(
    'multicast-snooping-without-a-querier-or-reports',
    'bridge mdb del dev br0 port veth2_p grp ff02::1:ff00:3',
    'ip -6 -n net1 neigh flush all',
  ),
  textbook('no-ipv6', 'sysctl -qw net.ipv6.conf.all.disable_ipv6=1'),
  { ...textbook('the-gateway-as-destination'), probe: { destination: '192.168.0.1', protocol: 'icmp' } },
  second(
    'two-uplinks-one-idle',
    'ip rule add pref 900 from 10.0.0.0/8 lookup 52',
    'ip route add default via 198.51.101.1 dev eth1 table 52',
  ),
  second('the-second-uplink-is-down', 'ip link set eth1 down'),
  second('equal-routes-by-both-uplinks-of-one-router', 'sysctl -qw net.ipv4.conf.all.rp_filter=2'),
  routed(
    'proxy-arp-by-all',
    'sysctl -qw net.ipv4.conf.all.proxy_arp=1 net.ipv4.conf.cali1.proxy_arp=0',
    'ip netns exec net1 ip neigh flush all',
  ),
  routed(
    'a-routed-veth-without-a-default-route',
    'ip route add 203.0.113.0/24 via 198.51.100.1',
    'ip route add 169.254.1.1/32 dev lo',
    'ip route del default',
    'ip netns exec net1 ip neigh flush all',
  ),
  routed('a-bridge-beside-the-routed-veth', 'ip link add br9 type bridge', 'ip addr add 10.9.0.1/24 dev br9'),
];

/** Flows that conntrack knew before, and answers from another port. */
const flows: readonly Healthy[] = [
  {
    id: 'an-old-entry-of-another-client-of-the-port',
    topology: pubUdpStaleConntrack.topology,
    commands: pubUdpStaleConntrack.break,
    probe: {
      ...pubUdpStaleConntrack.probe,
      destination: 'udp://198.51.100.10:7000',
      protocol: 'udp',
      sourcePort: 45_455,
    },
  },
  {
    id: 'a-flow-whose-way-moved-there-and-back',
    topology: nfMasqFailoverFirstPacket.topology,
    commands: [...nfMasqFailoverFirstPacket.break, ...nfMasqFailoverFirstPacket.undo],
    probe: nfMasqFailoverFirstPacket.probe,
  },
  {
    id: 'tftp-without-a-helper-and-without-translation',
    topology: nfCtHelperMissing.topology,
    commands: [
      ...nfCtHelperMissing.break,
      'iptables -t nat -F POSTROUTING',
      'ip -n outside route add 192.168.0.0/24 via 198.51.100.10',
    ],
    probe: nfCtHelperMissing.probe,
  },
];

export const healthy: readonly Healthy[] = [...rules, ...devices, ...routes, ...flows];

export interface Verdict {
  readonly id: string;
  /** Nothing is blamed, and the exit code is 0. */
  readonly fine: boolean;
  readonly said: string;
  readonly ms: number;
}

/** Traces each set-up in a network of its own. */
export const runHealthy = (
  setUps: readonly Healthy[],
  { workers, log }: { readonly workers: number; log(line: string): void },
): Promise<readonly Verdict[]> =>
  inParallel(setUps, workers, async (setUp) => {
    const tried = await runTrial(setUp, async () => null).catch((error: unknown) => String(error));
    if (typeof tried === 'string') {
      log(`NOT BUILT ${setUp.id}: ${tried}`);
      return { id: setUp.id, fine: false, said: tried, ms: 0 };
    }
    const { run, exitCode, ms, error } = tried.result;
    const said = run === null ? error : [run.diagnosis.status, run.diagnosis.title, ...blamed(run)].join('; ');
    const fine = run?.diagnosis.status === 'ok' && blamed(run).length === 0 && exitCode === 0;
    log(`${(fine ? 'healthy' : 'FALSE ALARM').padEnd(17)} ${setUp.id.padEnd(48)} ${ms} ms${fine ? '' : `  ${said}`}`);
    return { id: setUp.id, fine, said, ms };
  });
