/** A drop reason of the kernel. */
export interface DropReason {
  /** Linux version that has it first. A distribution's kernel may have it earlier. */
  readonly since: string;
  /** What it means, in words. */
  readonly words: string;
}

/**
 * The drop reasons of Linux 5.17 to 6.18, by the name that `kfree_skb` prints.
 * @see https://docs.kernel.org/networking/ and include/net/dropreason-core.h of the kernel
 */
const REASONS: Readonly<Record<string, readonly [since: string, words: string]>> = {
  NOT_SPECIFIED: ['5.17', 'the kernel does not say why'],

  NO_SOCKET: ['5.17', 'no socket wants this packet: nothing listens on its port'],
  SOCKET_CLOSE: ['6.14', 'the socket was closed while the packet waited in it'],
  SOCKET_FILTER: ['5.17', 'a BPF filter of the socket or of its cgroup refused it'],
  SOCKET_RCVBUFF: ['5.18', 'the receive buffer of the socket is full'],
  SOCKET_BACKLOG: ['5.18', 'the backlog of the socket is full'],
  UNIX_DISCONNECT: ['6.14', 'the peer of a Unix socket disconnected'],
  UNIX_SKIP_OOB: ['6.14', 'out-of-band data of a Unix socket was skipped'],
  PROTO_MEM: ['5.18', 'the protocol is out of its socket memory (tcp_mem, udp_mem)'],
  PACKET_SOCK_ERROR: ['6.8', 'a packet socket, such as a capture, could not take it'],

  PKT_TOO_SMALL: ['5.17', 'it is shorter than its headers say'],
  PKT_TOO_BIG: ['5.19', 'it is larger than the MTU of the way on and must not be fragmented'],
  HDR_TRUNC: ['5.18', 'a header is cut off'],
  UNHANDLED_PROTO: ['5.18', 'no protocol of this kernel takes this kind of packet'],
  PTYPE_ABSENT: ['5.18', 'no protocol of this kernel takes this kind of packet'],
  SKB_CSUM: ['5.18', 'its checksum could not be computed'],
  SKB_GSO_SEG: ['5.18', 'it could not be cut into segments'],
  SKB_UCOPY_FAULT: ['5.18', 'its data could not be copied from user space'],
  NOMEM: ['5.18', 'the kernel is out of memory'],
  PFMEMALLOC: ['6.17', 'it used the memory reserve, and its socket may not'],
  QUEUE_PURGE: ['6.6', 'the queue in which it waited was emptied'],
  RECURSION_LIMIT: ['6.18', 'virtual devices send it to each other in a loop'],

  NETFILTER_DROP: ['5.18', 'netfilter dropped it: a rule, the policy of a chain, or connection tracking and NAT'],
  XFRM_POLICY: ['5.18', 'an IPsec policy refused it'],
  SECURITY_HOOK: ['6.9', 'a security module (SELinux, AppArmor, Smack) refused it'],
  BPF_CGROUP_EGRESS: ['5.18', 'a BPF program of the cgroup refused to send it'],

  OTHERHOST: ['5.18', 'its destination MAC address is not of this device'],
  UNICAST_IN_L2_MULTICAST: ['5.18', 'an IP unicast came in a link-layer multicast or broadcast frame'],
  IP_CSUM: ['5.18', 'its IP header checksum is wrong'],
  IP_INHDR: ['5.18', 'its IP header is wrong, or its TTL ran out here'],
  IP_NOPROTO: ['5.18', 'nothing here takes its IP protocol'],
  IP_RPFILTER: ['5.18', 'the reverse path filter refused it: the route back to its source leads to another device'],
  IP_OUTNOROUTES: ['5.18', 'there is no route to send it by'],
  IP_INADDRERRORS: ['5.19', 'this host does not forward it: forwarding is off, or the address cannot be forwarded to'],
  IP_INNOROUTES: ['5.19', 'there is no route to forward it by'],
  IP_LOCAL_SOURCE: ['6.13', 'its source is an address of this host (martian)'],
  IP_INVALID_SOURCE: ['6.13', 'its source address is not valid (multicast, broadcast or zero)'],
  IP_LOCALNET: ['6.13', 'a loopback address on a device that may not carry it (route_localnet)'],
  IP_INVALID_DEST: ['6.13', 'its destination address is not valid'],
  IP_TUNNEL_ECN: ['6.13', 'its ECN marks contradict those of the tunnel'],
  IPV6DISABLED: ['5.18', 'IPv6 is switched off on the device'],
  IPV6_BAD_EXTHDR: ['6.3', 'an IPv6 extension header is wrong'],
  IPV6_NDISC_FRAG: ['6.3', 'a fragmented neighbour discovery message'],
  IPV6_NDISC_HOP_LIMIT: ['6.3', 'a neighbour discovery message from beyond the link'],
  IPV6_NDISC_BAD_CODE: ['6.3', 'a neighbour discovery message with a wrong code'],
  IPV6_NDISC_BAD_OPTIONS: ['6.3', 'a neighbour discovery message with wrong options'],
  IPV6_NDISC_NS_OTHERHOST: ['6.3', 'a neighbour solicitation for another host'],
  DUP_FRAG: ['6.2', 'a fragment that had come before'],
  FRAG_REASM_TIMEOUT: ['6.2', 'the other fragments did not come in time'],
  FRAG_TOO_FAR: ['6.2', 'too many other packets came between its fragments (ipfrag_max_dist)'],
  ICMP_CSUM: ['5.19', 'its ICMP checksum is wrong'],
  INVALID_PROTO: ['5.19', 'an ICMP message that is not allowed here, such as a broadcast'],

  NEIGH_CREATEFAIL: ['5.18', 'no neighbour entry could be made: the neighbour table is full'],
  NEIGH_FAILED: ['5.18', 'the next hop did not answer ARP or neighbour discovery'],
  NEIGH_QUEUEFULL: ['5.18', 'too many packets already wait for the address of the next hop'],
  NEIGH_DEAD: ['5.18', 'the neighbour entry of the next hop was being removed'],
  NEIGH_HH_FILLFAIL: ['6.16', 'its link-layer header could not be written'],
  ARP_PVLAN_DISABLE: ['6.14', 'an ARP request on a device without proxy_arp_pvlan'],

  TC_EGRESS: ['5.18', 'a traffic control filter dropped it on its way out'],
  TC_INGRESS: ['5.18', 'a traffic control filter dropped it on its way in'],
  TC_COOKIE_ERROR: ['6.8', 'traffic control lost what it knew about the packet'],
  TC_CHAIN_NOTFOUND: ['6.8', 'a traffic control rule leads to a chain that does not exist'],
  TC_RECLASSIFY_LOOP: ['6.8', 'traffic control rules lead in a circle'],
  QDISC_DROP: ['5.18', 'the queue of the device refused it: full, shaped, or the device is down'],
  QDISC_OVERLIMIT: ['6.14', 'the queue of the device is full'],
  QDISC_CONGESTED: ['6.14', 'the queue of the device dropped it against congestion'],
  CAKE_FLOOD: ['6.14', 'the cake queue dropped it as part of a flood'],
  FQ_BAND_LIMIT: ['6.14', 'its priority band of the fq queue is full'],
  FQ_HORIZON_LIMIT: ['6.14', 'it was to be sent too far in the future for the fq queue'],
  FQ_FLOW_LIMIT: ['6.14', 'its flow has too many packets in the fq queue'],
  DUALPI2_STEP_DROP: ['6.17', 'the dualpi2 queue dropped it against congestion'],
  CPU_BACKLOG: ['5.18', 'the receive backlog of the processor is full (net.core.netdev_max_backlog)'],
  XDP: ['5.18', 'an XDP program dropped it'],

  DEV_HDR: ['5.18', 'the header that the device adds is wrong'],
  DEV_READY: ['5.18', 'the device is not up or not ready'],
  FULL_RING: ['5.18', 'the ring of the device is full'],
  TAP_FILTER: ['5.18', 'the filter of the tun or tap device refused it'],
  TAP_TXFILTER: ['5.18', 'the transmit filter of the tun or tap device refused it'],
  TUNNEL_TXINFO: ['6.13', 'the tunnel does not know where to send it'],
  LOCAL_MAC: ['6.13', 'its source MAC address is our own'],
  MAC_INVALID_SOURCE: ['6.13', 'its source MAC address is not valid'],
  MAC_IEEE_MAC_CONTROL: ['6.14', 'a MAC control frame, which is never forwarded'],
  NO_TX_TARGET: ['6.14', 'there is no port or remote end to send it to'],
  BRIDGE_INGRESS_STP_STATE: ['6.14', 'the bridge port does not forward: spanning tree state, or the bridge is down'],
  VXLAN_INVALID_HDR: ['6.13', 'its VXLAN header is wrong'],
  VXLAN_VNI_NOT_FOUND: ['6.13', 'no VXLAN device here has its network identifier (VNI)'],
  VXLAN_ENTRY_EXISTS: ['6.13', 'its source MAC address is a fixed entry of another remote end'],
  VXLAN_NO_REMOTE: ['6.13', 'the VXLAN device has no remote end for it'],
  CAN_RX_INVALID_FRAME: ['6.17', 'not a CAN frame'],
  CANFD_RX_INVALID_FRAME: ['6.17', 'not a CAN FD frame'],
  CANXL_RX_INVALID_FRAME: ['6.17', 'not a CAN XL frame'],
  PSP_INPUT: ['6.18', 'PSP encryption refused it on its way in'],
  PSP_OUTPUT: ['6.18', 'PSP encryption refused it on its way out'],

  UDP_CSUM: ['5.17', 'its UDP checksum is wrong'],
  TCP_CSUM: ['5.17', 'its TCP checksum is wrong'],
  TCP_FILTER: ['5.17', 'a BPF filter of the socket refused it'],
  TCP_AUTH_HDR: ['6.7', 'its TCP authentication option is wrong'],
  TCP_MD5NOTFOUND: ['5.18', 'it has no TCP MD5 signature, and one is required'],
  TCP_MD5UNEXPECTED: ['5.18', 'it has a TCP MD5 signature, and none is expected'],
  TCP_MD5FAILURE: ['5.18', 'its TCP MD5 signature is wrong'],
  TCP_AONOTFOUND: ['6.7', 'it has no TCP-AO signature, and one is required'],
  TCP_AOUNEXPECTED: ['6.7', 'it has a TCP-AO signature, and none is expected'],
  TCP_AOKEYNOTFOUND: ['6.7', 'the key of its TCP-AO signature is not known'],
  TCP_AOFAILURE: ['6.7', 'its TCP-AO signature is wrong'],
  TCP_MINTTL: ['6.3', 'its TTL is below what the socket demands'],
  TCP_FLAGS: ['5.18', 'its TCP flags do not fit the state of the connection'],
  TCP_ABORT_ON_DATA: ['6.9', 'data came for a connection that was closed already'],
  TCP_ZEROWINDOW: ['5.18', 'the receiver has no room (zero window)'],
  TCP_OLD_DATA: ['5.18', 'its data had come before'],
  TCP_OVERWINDOW: ['5.18', 'its data lies beyond the receive window'],
  TCP_OFOMERGE: ['5.18', 'its data waits in the out-of-order queue already'],
  TCP_RFC7323_PAWS: ['5.19', 'its TCP timestamp is older than the last'],
  TCP_RFC7323_PAWS_ACK: ['6.14', 'an acknowledgement whose TCP timestamp is older than the last'],
  TCP_RFC7323_TW_PAWS: ['6.14', 'its TCP timestamp is older than the connection that was just closed'],
  TCP_RFC7323_TSECR: ['6.15', 'it echoes a TCP timestamp that was never sent'],
  TCP_LISTEN_OVERFLOW: ['6.15', 'the accept queue of the listening socket is full'],
  TCP_OLD_SEQUENCE: ['6.6', 'its sequence number is old (a duplicate)'],
  TCP_INVALID_SEQUENCE: ['5.19', 'its sequence number is outside the window'],
  TCP_INVALID_END_SEQUENCE: ['6.15', 'its data ends outside the window'],
  TCP_INVALID_ACK_SEQUENCE: ['6.9', 'it acknowledges what is outside the window'],
  TCP_RESET: ['5.19', 'its RST is not valid'],
  TCP_INVALID_SYN: ['5.19', 'a SYN in the middle of a connection'],
  TCP_CLOSE: ['5.19', 'the connection is closed'],
  TCP_FASTOPEN: ['5.19', 'the TCP Fast Open request was refused'],
  TCP_OLD_ACK: ['5.19', 'its acknowledgement is old'],
  TCP_TOO_OLD_ACK: ['5.19', 'its acknowledgement is much too old'],
  TCP_ACK_UNSENT_DATA: ['5.19', 'it acknowledges data that was never sent'],
  TCP_OFO_QUEUE_PRUNE: ['5.19', 'the out-of-order queue was cut to save memory'],
  TCP_OFO_DROP: ['5.19', 'its data had come before'],
};

/** What is known of a reason; `null` for one that this table lacks, which is then shown as it is. */
export const dropReason = (name: string): DropReason | null => {
  const known = Object.hasOwn(REASONS, name) ? REASONS[name] : undefined;
  return known === undefined ? null : { since: known[0], words: known[1] };
};

/**
 * Numbers and names of the reasons of a kernel, from the `format` file of `kfree_skb`; empty before 5.17. They differ from
 * kernel to kernel. `MAX` ends the kernel's list and is none.
 */
export const reasonsOfFormat = (format: string): ReadonlyMap<string, number> => {
  const printed = format.slice(format.indexOf('__print_symbolic(REC->reason'));
  const pairs = [...printed.matchAll(/\{ (0x[0-9a-f]+|\d+), "(\w+)" \}/g)];
  return new Map(pairs.flatMap(([, number, name = '']) => (name === 'MAX' ? [] : [[name, Number(number)]])));
};
