import type { Run } from '../model/run.js';

const KEYS =
  /^net\.(ipv4\.ip_forward|ipv4\.ip_nonlocal_bind|ipv4\.icmp_echo_ignore_all|ipv6\.conf\.all\.forwarding|bridge\..*|netfilter\.nf_conntrack_(max|count))$/;
const DEVICE_KEY =
  /^net\.ipv[46]\.conf\.(.+)\.(forwarding|rp_filter|accept_local|arp_ignore|arp_filter|arp_announce|proxy_arp|disable_ipv6|route_localnet)$/;

/** The settings that decide about this flow: the global ones, and those of `all` and the devices on its path. */
export const flowSysctls = (
  run: Run,
  netns: string,
  all: Readonly<Record<string, string>>,
): readonly (readonly [string, string])[] => {
  const devices = new Set([
    'all',
    ...run.path.hops.flatMap((hop) => (hop.netns === netns && hop.ifname ? [hop.ifname] : [])),
  ]);
  const named = new Set(run.findings.flatMap((finding) => finding.object ?? []));
  return Object.entries(all).filter(([key]) => {
    if (KEYS.test(key) || named.has(key)) return true;
    const device = DEVICE_KEY.exec(key)?.[1];
    return (
      device !== undefined && devices.has(device) && key.startsWith(run.flow.family === 4 ? 'net.ipv4' : 'net.ipv6')
    );
  });
};
