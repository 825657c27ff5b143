import type { DeviceManager } from '../model/device-manager.js';

/** Who sets routes with a protocol. @see rt_protos of iproute2, rtnetlink(7) */
const PROTOCOLS: Readonly<Record<string, string>> = {
  kernel: 'the kernel, for an address of the device',
  redirect: 'an ICMP redirect',
  ra: 'a router advertisement',
  dhcp: 'a DHCP client',
  bird: 'BIRD',
  zebra: 'FRR or Quagga',
  bgp: 'FRR (BGP)',
  ospf: 'FRR (OSPF)',
  isis: 'FRR (IS-IS)',
  rip: 'FRR (RIP)',
  eigrp: 'FRR (EIGRP)',
  openr: 'Open/R',
  babel: 'Babel',
  gated: 'GateD',
  xorp: 'XORP',
  mrouted: 'mrouted',
  dnrouted: 'DNrouted',
  ntk: 'Netsukuku',
  keepalived: 'keepalived',
};

/** A route as `ip route` prints it: a type where it is no unicast one, then the destination. */
const ROUTE =
  /^(?:(?:unicast|blackhole|unreachable|prohibit|throw|local|broadcast|multicast) )?(?:default|[0-9a-f.:]*[.:][0-9a-f.:]*(?:\/\d+)?)(?: |$)/;

/**
 * Who made a route, by its protocol and its device. Without a protocol it is `boot`: made by `ip route`, so by a person or
 * a script, or by a CNI plugin or flannel, which leave it out as well. `null` for a text that is no route.
 */
export const routeOwner = (text: string, managers: readonly DeviceManager[]): string | null => {
  if (!ROUTE.test(text)) return null;
  const protocol = / proto (\S+)/.exec(text)?.[1];
  if (protocol === undefined) return 'by hand, a script or a CNI plugin (no protocol)';
  const device = / dev (\S+)/.exec(text)?.[1];
  const manager = managers.find((one) => one.device === device)?.manager;
  const program = protocol === 'static' ? (manager ?? 'a network configuration') : PROTOCOLS[protocol];
  return program === undefined ? null : `${program} (proto ${protocol})`;
};
