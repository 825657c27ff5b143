const PROTOCOLS: Readonly<Record<string, number>> = {
  icmp: 1,
  igmp: 2,
  ipencap: 4,
  tcp: 6,
  udp: 17,
  ipv6: 41,
  gre: 47,
  esp: 50,
  ah: 51,
  'ipv6-icmp': 58,
  icmpv6: 58,
  sctp: 132,
  udplite: 136,
  dccp: 33,
};

/** IANA number of a protocol as iptables prints it; -1 for a name that is none of ICMP, TCP and UDP anyway. */
export const protocolOf = (text: string): number => {
  if (/^\d+$/.test(text)) return Number(text);
  return Object.hasOwn(PROTOCOLS, text) ? (PROTOCOLS[text] ?? -1) : -1;
};
