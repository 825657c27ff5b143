import type { ContainerNetwork } from '../model/container-network.js';
import type { DeviceManager } from '../model/device-manager.js';
import type { Finding, Origin } from '../model/finding.js';
import { routeOwner } from './route-owner.js';

/** Who names chains and tables so. The first that matches counts. */
const CHAINS: readonly (readonly [RegExp, string])[] = [
  [/^DOCKER-USER$/, 'a user or program of this host: Docker leaves DOCKER-USER to its users'],
  [/^DOCKER(-|$)/, 'Docker'],
  [/^NETAVARK/, 'Podman (netavark)'],
  [/^CNI-/, 'a CNI plugin'],
  [/^(KUBE-NWPLCY|KUBE-POD-FW|KUBE-ROUTER)/, 'kube-router'],
  [/^KUBE-/, 'kube-proxy or the kubelet'],
  [/^cali-/, 'Calico'],
  [/^(CILIUM|OLD_CILIUM)_/, 'Cilium'],
  [/^FLANNEL-/, 'flannel'],
  [/^WEAVE/, 'Weave Net'],
  [/^ufw6?-/, 'ufw'],
  [/^LIBVIRT_/, 'libvirt'],
  [/^ts-(forward|input|postrouting)$/, 'Tailscale'],
  [/^f2b-/, 'fail2ban'],
  [/^(FORWARD|INPUT|OUTPUT|PREROUTING|POSTROUTING)_(direct|POLICIES|ZONES)/, 'firewalld'],
  [/^(FWD[IO]?|IN|PRE|POST)_\w+_(pre|log|deny|allow|post)$/, 'firewalld'],
  // Its own zones. A user's IN_web is no zone of its.
  [
    /^(FWD[IO]?|IN|PRE|POST)_(block|dmz|docker|drop|external|home|internal|libvirt|nm-shared|public|trusted|work)$/,
    'firewalld',
  ],
];

const TABLES: readonly (readonly [RegExp, string])[] = [
  [/^firewalld$/, 'firewalld'],
  [/^docker-bridges$/, 'Docker'],
  [/^netavark$/, 'Podman (netavark)'],
  [/^libvirt_network$/, 'libvirt'],
  [/^(lxc|lxd|incus)$/, 'LXC, LXD or Incus'],
  [/^kube-proxy$/, 'kube-proxy'],
  [/^f2b-/, 'fail2ban'],
];

const DEVICES: readonly (readonly [RegExp, string])[] = [
  [/^(docker0|docker_gwbridge|br-[0-9a-f]{12})$/, 'Docker'],
  [/^(podman\d+|cni-podman\d+)$/, 'Podman'],
  [/^cni\d+$/, 'a CNI plugin'],
  [/^cali[0-9a-f]{11}$/, 'Calico'],
  [/^(cilium_|lxc[0-9a-f]{12}$)/, 'Cilium'],
  [/^flannel[.\d]/, 'flannel'],
  [/^virbr\d+/, 'libvirt'],
  [/^(lxcbr|lxdbr|incusbr)\d+$/, 'LXC, LXD or Incus'],
  [/^tailscale\d+$/, 'Tailscale'],
];

const named = (list: readonly (readonly [RegExp, string])[], name: string): string | null =>
  list.find(([pattern]) => pattern.test(name))?.[1] ?? null;

/** `table ip filter chain DOCKER-USER rule 1`, as checks name a rule. */
const RULE = /^table \S+ (\S+) chain (\S+) (?:rule|policy)/;

/** The shape of Docker's own rules about a bridge in FORWARD and POSTROUTING. */
const ABOUT_BRIDGE = /(?:-i (\S+) (?:! )?-o \S+|! -o (\S+)) -j (?:DROP|ACCEPT|MASQUERADE)\b/;

/**
 * Who made the rule, the route or the device that a finding names, by the names that each program gives; `null` where the name says
 * nothing: then nobody is blamed.
 */
export const ownerOf = (
  finding: Finding,
  networks: readonly ContainerNetwork[],
  managers: readonly DeviceManager[] = [],
): Origin | null => {
  const [, table, chain] = RULE.exec(finding.place.object ?? '') ?? [];
  if (table !== undefined && chain !== undefined) {
    const owner = named(CHAINS, chain) ?? named(TABLES, table) ?? ofNetworkRule(finding, networks);
    return owner === null ? null : { owner };
  }
  const { object, device, netns } = finding.place;
  if (object !== undefined) {
    const owner = netns === 'target' ? null : (ofRouteDevice(object) ?? routeOwner(object, managers));
    return owner === null ? null : { owner };
  }
  if (device === undefined) return null;
  const owner = ofNetwork(device, networks) ?? named(DEVICES, device);
  if (owner !== null) return { owner: `${owner} (made ${device})` };
  const manager = netns === 'host' ? managers.find((one) => one.device === device) : undefined;
  return manager ? { owner: `${manager.manager} (looks after ${device})` } : null;
};

/** A route over a device that only one program makes is that program's. */
const ofRouteDevice = (route: string): string | null => {
  const device = / dev (\S+)/.exec(route)?.[1];
  const isKernels = / proto kernel( |$)/.test(route);
  return device === undefined || isKernels ? null : named(DEVICES, device);
};

const ofNetwork = (bridge: string, networks: readonly ContainerNetwork[]): string | null => {
  const network = networks.find((candidate) => candidate.bridge === bridge);
  return network === undefined
    ? null
    : `${network.runtime === 'docker' ? 'Docker' : 'Podman'}, network ${network.name}`;
};

/** A rule in a chain of the kernel's own that has the shape of a runtime's rule for one of its bridges. */
const ofNetworkRule = (finding: Finding, networks: readonly ContainerNetwork[]): string | null => {
  const text = finding.proof.find(({ kind, text: line }) => kind === 'read' && line.includes(' -j '))?.text ?? '';
  const [, inward, outward] = ABOUT_BRIDGE.exec(text) ?? [];
  return ofNetwork(inward ?? outward ?? '', networks);
};
