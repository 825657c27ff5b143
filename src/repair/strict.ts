import type { Remedy } from '../model/finding.js';
import type { Run } from '../model/run.js';
import { innerOf } from './command.js';

/**
 * The narrower form of a remedy, where there is one: instead of IPv4 forwarding on every interface, forwarding for what
 * comes in by the two devices of this path. The kernel asks the device that a packet came in by, and leaves all else as
 * it is. IPv6 has no such switch for one device.
 * @see https://docs.kernel.org/networking/ip-sysctl.html, "conf/interface/forwarding"
 */
export const narrowed = (remedy: Remedy, run: Run): Remedy => {
  const [argv = []] = remedy.commands;
  const inner = innerOf(argv);
  const router = run.path.routers.find(({ netns }) => netns === remedy.netns);
  if (inner.join(' ') !== 'sysctl -w net.ipv4.ip_forward=1' || router === undefined || router.oif === null)
    return remedy;
  const lead = argv.slice(0, argv.length - inner.length);
  const keys = [router.iif, router.oif].map((device) => `net.ipv4.conf.${device.replaceAll('.', '/')}.forwarding`);
  return {
    ...remedy,
    title: `forward what comes in by ${router.iif} and ${router.oif}, and nothing else (lost at reboot)`,
    commands: keys.map((key) => [...lead, 'sysctl', '-w', `${key}=1`]),
    undo: keys.map((key) => [...lead, 'sysctl', '-w', `${key}=0`]),
    risk: 'low',
    riskText: `packets from ${router.oif} can be forwarded to any network of this host that the FORWARD rules leave open`,
  };
};
