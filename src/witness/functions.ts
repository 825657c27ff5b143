import type { Stage } from '../model/path.js';

/** What is known of a kernel function that drops packets. */
export interface DropFunction {
  /** Stages in which it can drop, the likeliest first. */
  readonly stages: readonly Stage[];
  /** What it tells beyond the reason; absent where the reason says all. */
  readonly words?: string;
  /**
   * Packets wait there, so that the drop may come seconds after the packet was last seen: received by a device
   * (neighbour discovery, fragments, NFQUEUE), or given to its queue.
   */
  readonly holdsAfter?: 'receive' | 'queue';
  /** It drops before a capture at the device can see the packet. */
  readonly beforeTap?: true;
}

const HOOKS: readonly Stage[] = ['prerouting', 'forward', 'input', 'output', 'postrouting', 'bridge-forward'];
const VERDICT = 'the verdict of a rule or of the policy of a chain';
const NEIGHBOUR: DropFunction = { stages: ['neighbour'], holdsAfter: 'receive' };
const DELIVERY: DropFunction = { stages: ['socket'] };
const FORWARDING: DropFunction = { stages: ['forward', 'route'] };
const ROUTING: DropFunction = { stages: ['route', 'prerouting'] };
const QUEUEING: DropFunction = { stages: ['qdisc'], beforeTap: true };
const QUEUED: DropFunction = { ...QUEUEING, holdsAfter: 'queue' };
const TUNNEL: DropFunction = { stages: ['wire', 'qdisc'], words: 'the tunnel device could not send it' };

const FUNCTIONS = new Map<string, DropFunction>(
  Object.entries({
    nft_do_chain: { stages: HOOKS, words: VERDICT },
    ipt_do_table: { stages: HOOKS, words: VERDICT },
    ip6t_do_table: { stages: HOOKS, words: VERDICT },
    ebt_do_table: { stages: ['bridge-forward'], words: 'the verdict of an ebtables rule' },
    nf_hook_slow: { stages: HOOKS, words: 'a netfilter hook: iptables, or connection tracking and NAT themselves' },
    nf_queue: { stages: HOOKS, words: 'no program listens on the NFQUEUE that a rule names' },
    nf_reinject: { stages: HOOKS, words: 'the program that listens on the NFQUEUE dropped it', holdsAfter: 'receive' },
    nft_reject_inet_eval: { stages: HOOKS, words: 'a reject rule' },

    br_handle_frame: { stages: ['bridge-port'] },
    br_handle_frame_finish: { stages: ['bridge-port', 'bridge-forward'] },
    br_forward: { stages: ['bridge-forward'] },
    __br_forward: { stages: ['bridge-forward'] },
    br_flood: { stages: ['bridge-forward'] },
    br_dev_xmit: { stages: ['bridge-forward'], words: 'the bridge has no port to send it to' },
    br_dev_queue_push_xmit: { stages: ['bridge-forward'], words: 'too large for the bridge port' },
    br_nf_dev_queue_xmit: { stages: ['bridge-forward'], words: 'too large for the bridge port' },
    br_nf_pre_routing: { stages: ['bridge-forward', 'prerouting'] },
    br_nf_pre_routing_finish: { stages: ['bridge-forward', 'prerouting'] },
    br_allowed_ingress: { stages: ['bridge-port'], words: 'its VLAN is not allowed on the port' },

    ip_rcv_core: { stages: ['prerouting'] },
    ip6_rcv_core: { stages: ['prerouting'] },
    ip_rcv_finish_core: ROUTING,
    ip_rcv_finish: ROUTING,
    ip_route_input_slow: ROUTING,
    ip_error: { stages: ['route'] },
    ip6_pkt_drop: { stages: ['route'] },
    ip6_pkt_discard: { stages: ['route'] },
    ip6_pkt_discard_out: { stages: ['route'] },
    ip6_pkt_prohibit: { stages: ['route'] },
    dst_discard: { stages: ['route'], words: 'a blackhole route' },
    dst_discard_out: { stages: ['route'], words: 'a blackhole route' },
    ip_forward: FORWARDING,
    ip6_forward: FORWARDING,
    ip_mc_output: { stages: ['postrouting'] },
    ip_finish_output: { stages: ['postrouting', 'output'] },
    ip_finish_output2: { stages: ['neighbour'] },
    ip6_finish_output2: { stages: ['neighbour'] },
    ip_fragment: { stages: ['postrouting'], words: 'it would have to be fragmented, and must not be' },
    ip6_fragment: { stages: ['postrouting'], words: 'it would have to be fragmented, and must not be' },
    ip_expire: { stages: ['input', 'prerouting'], holdsAfter: 'receive' },
    xfrm_lookup: { stages: ['forward', 'output'] },

    neigh_invalidate: NEIGHBOUR,
    neigh_probe: NEIGHBOUR,
    neigh_resolve_output: NEIGHBOUR,
    neigh_flush_dev: NEIGHBOUR,
    neigh_destroy: NEIGHBOUR,
    __neigh_event_send: NEIGHBOUR,
    arp_error_report: NEIGHBOUR,
    ndisc_error_report: NEIGHBOUR,

    __dev_queue_xmit: { ...QUEUEING, stages: ['qdisc', 'tc'] },
    __dev_xmit_skb: QUEUEING,
    dev_qdisc_enqueue: QUEUEING,
    sch_direct_xmit: QUEUEING,
    qdisc_reset: QUEUED,
    __qdisc_run: QUEUED,
    noop_enqueue: { ...QUEUEING, words: 'the device is down' },
    validate_xmit_skb: QUEUEING,
    sch_handle_egress: { stages: ['tc'], beforeTap: true },
    sch_handle_ingress: { stages: ['tc'] },
    tcf_action_exec: { stages: ['tc'] },

    __netif_receive_skb_core: { stages: ['tc', 'bridge-port', 'prerouting'] },
    do_xdp_generic: { stages: ['tc'], words: 'an XDP program dropped it', beforeTap: true },
    netif_receive_generic_xdp: { stages: ['tc'], words: 'an XDP program dropped it', beforeTap: true },
    veth_xdp_rcv_skb: { stages: ['tc'], words: 'an XDP program dropped it', beforeTap: true },
    enqueue_to_backlog: { stages: ['veth'], beforeTap: true },
    flush_backlog: { stages: ['veth'], holdsAfter: 'queue', beforeTap: true },
    __dev_forward_skb2: { stages: ['veth'], words: 'too large for the device at the other end, or that is down' },
    __dev_forward_skb: { stages: ['veth'], words: 'too large for the device at the other end, or that is down' },
    veth_xmit: { stages: ['veth'], words: 'the other end of the veth pair is gone or down' },
    macvlan_handle_frame: { stages: ['veth'] },
    ipvlan_queue_xmit: { stages: ['veth'] },
    vxlan_xmit: TUNNEL,
    vxlan_xmit_one: TUNNEL,
    vxlan_rcv: { stages: ['wire'], words: 'the VXLAN device could not take it' },
    ip_tunnel_xmit: TUNNEL,
    wg_xmit: TUNNEL,
    tun_net_xmit: { stages: ['wire', 'qdisc'], words: 'the program behind the tun device does not read it' },

    ip_local_deliver_finish: DELIVERY,
    ip_protocol_deliver_rcu: DELIVERY,
    ip6_protocol_deliver_rcu: DELIVERY,
    ip6_input_finish: DELIVERY,
    icmp_rcv: DELIVERY,
    icmpv6_rcv: DELIVERY,
    ping_rcv: DELIVERY,
    raw_rcv: DELIVERY,
    udp_rcv: DELIVERY,
    __udp4_lib_rcv: DELIVERY,
    __udp6_lib_rcv: DELIVERY,
    udp_queue_rcv_one_skb: DELIVERY,
    udpv6_queue_rcv_one_skb: DELIVERY,
    sock_queue_rcv_skb_reason: DELIVERY,
    tcp_v4_rcv: DELIVERY,
    tcp_v6_rcv: DELIVERY,
    tcp_v4_do_rcv: DELIVERY,
    tcp_v6_do_rcv: DELIVERY,
    tcp_conn_request: DELIVERY,
    tcp_rcv_state_process: DELIVERY,
    tcp_rcv_established: DELIVERY,
    tcp_validate_incoming: DELIVERY,
  } satisfies Record<string, DropFunction>),
);

/** Name of the function in a drop's location: without offset, module and what the compiler appended to its clones. */
export const functionOf = (location: string): string =>
  location
    .replace(/ \[[^\]]*\]$/, '')
    .replace(/\+0x[0-9a-f]+(?:\/0x[0-9a-f]+)?$/, '')
    .replace(/\.(?:constprop|isra|part|cold|llvm)\b.*$/, '');

/** What is known of a function; `null` for one that is not in the table. */
export const dropFunction = (name: string): DropFunction | null => FUNCTIONS.get(name) ?? null;
