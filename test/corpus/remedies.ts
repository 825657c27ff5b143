import type { Fault } from '../../src/lab/fault.js';
import type { Lab } from '../../src/lab/lab.js';
import type { Run } from '../../src/model/run.js';
import { flowOf, type TrialResult } from './trial.js';

const AGENT = "the overlay's agent writes these entries, and knows the other host's addresses";
const OTHER_HOST = 'the other host, or what lies between';

/** Why no printed command of this host mends a fault. Everything else must be mended by its commands. */
export const BY_HAND: Readonly<Record<string, string>> = {
  'app-localhost-means-container': 'the program inside has to be told another address',
  'app-proxy-env-loopback': 'the program inside has to be told another proxy, or none',
  'ctr-cgroup-bpf-egress': 'whoever attached the program has to change it',
  'ctr-internal-net-none': 'an internal network has no way outside on purpose',
  'ctr-dns-no-nameserver': 'which server is right is for a person to say',
  'ctr-dns-stub-127.0.0.53': 'which server is right is for a person to say',
  'dns-host-docker-internal-missing': 'the runtime makes the container anew',
  'dns-host-resolver-down': 'the program has to run',
  'dns-server-unreachable': 'the server is outside',
  'dns-upstream-blocks-53': 'the filter is outside',
  'host-arp-announce-upstream-drop': 'the router outside holds a wrong MAC',
  'host-gateway-unreachable': 'the gateway is outside',
  'host-no-default-route': 'which gateway is right is for a person to say',
  'host-xfrm-tunnel-no-sa': 'the other end of the tunnel is outside',
  'ip6-disabled-in-container': 'the runtime gives the addresses anew',
  'nf-conntrack-full': 'the limit is set for the whole machine, not in a namespace',
  'nf-docker-chains-flushed': 'the runtime makes its rules anew',
  'nf-masq-failover-first-packet': 'the next packet passes by itself',
  'nic-down': 'the default route went with the link',
  'macvlan-upstream-mac-filter': 'the switch is outside',
  'macvlan-wrong-subnet': 'which address is right is for a person to say',
  'ovs-vlan-tag-mismatch': 'which VLAN is right is for a person to say',
  'ovl-bad-udp-checksum': OTHER_HOST,
  'ovl-dev-down': AGENT,
  'ovl-fdb-missing': AGENT,
  'ovl-fdb-wrong-vtep': AGENT,
  'ovl-hostgw-upstream-no-route': OTHER_HOST,
  'ovl-hostgw-wrong-nexthop': AGENT,
  'ovl-neigh-missing': AGENT,
  'ovl-remote-forward-drop': OTHER_HOST,
  'ovl-remote-route-missing': OTHER_HOST,
  'ovl-rp-filter': OTHER_HOST,
  'ovl-same-public-ip': AGENT,
  'ovl-udp-blocked-underlay': OTHER_HOST,
  'ovl-udp-port-blocked': OTHER_HOST,
  'ovl-vni-mismatch': OTHER_HOST,
  'ovl-wrong-vtep-local-ip': AGENT,
  'svc-no-endpoints-reject': 'pods that are ready are missing',
  'svc-one-endpoint-dead': 'the pod that is dead is to be mended, or taken out by its readiness probe',
  'svc-rules-missing': 'kube-proxy makes its rules anew',
  'svc-stale-endpoint': 'the pod that the service names is gone',
  'nic-mtu-small-df': 'the MTU of the link beyond is not known',
  'nic-no-carrier': 'a cable, or the other end of it',
  'nic-no-ip': 'which address is right is for a person to say',
  'pub-bound-host-loopback': 'published to this host alone, often on purpose',
  'pub-service-bound-loopback': 'the program inside has to listen elsewhere',
  'pub-service-not-running': 'the program inside has to run',
  'pub-dnat-excludes-bridge': 'whether containers are to use the published address is for a person to say',
  'unexplained-drop': 'what drops is not known',
  'uplink-antispoof-src-ip': 'the filter is outside',
  'uplink-arp-blocked-by-switch': 'the switch is outside',
  'uplink-fragments-dropped': 'the filter is outside',
  'uplink-ip-conflict': 'the other machine is outside',
  'uplink-multi-nic-reply': 'the gateway of the second uplink is not known',
  'uplink-remote-ignores-icmp': 'the destination is outside',
  'uplink-upstream-drops': 'the router is outside',
  'veth-deleted': 'the runtime makes the container anew',
};

/**
 * Those of them whose fix in the catalogue lists a command on this host or in this container: it would need a value that
 * nothing here tells, undo security that somebody meant, or restart or make anew what cannot be put back as it was.
 */
export const COMMAND_NEEDS_PERSON: readonly string[] = [
  'ctr-cgroup-bpf-egress',
  'ctr-internal-net-none',
  'dns-host-docker-internal-missing',
  'host-arp-announce-upstream-drop',
  'host-no-default-route',
  'host-xfrm-tunnel-no-sa',
  'ip6-disabled-in-container',
  'nf-conntrack-full',
  'nf-docker-chains-flushed',
  'nic-down',
  'nic-mtu-small-df',
  'nic-no-carrier',
  'nic-no-ip',
  'ovl-bad-udp-checksum',
  'ovl-dev-down',
  'ovl-fdb-missing',
  'ovl-fdb-wrong-vtep',
  'ovl-neigh-missing',
  'ovl-same-public-ip',
  'ovl-wrong-vtep-local-ip',
  'svc-rules-missing',
  'svc-stale-endpoint',
  'uplink-multi-nic-reply',
  'veth-deleted',
];

/** Those that the printed commands mend, and that `fix` does not run: no command puts an XDP program back as it was. */
export const PRINTED_ONLY: readonly string[] = ['veth-xdp-drop'];

/** A cause may hide another until it is mended: then a person reads the next diagnosis. */
const PASSES = 3;

/** Commands of the first remedy that has any, of the root and what stands behind it. */
export const printedCommands = (run: Run): readonly (readonly string[])[] => {
  const all = run.findings
    .filter(({ rank }) => rank !== 'noticed')
    .flatMap(({ remedies }) => remedies.find(({ commands }) => commands.length > 0)?.commands ?? []);
  return [...new Map(all.map((argv) => [argv.join(' '), argv])).values()];
};

/** Runs the printed commands literally in the broken network's host namespace: after how many diagnoses the flow works. */
export const remediesMend = async (lab: Lab, fault: Fault, { run }: TrialResult): Promise<number | null> => {
  let said: Run | null = run;
  for (let pass = 1; pass <= PASSES; pass++) {
    const commands = said === null ? [] : printedCommands(said);
    if (commands.length === 0) return null;
    for (const argv of commands) await lab.exec(argv);
    said = (await lab.trace([...flowOf(lab, fault), '--no-save'])).run;
    if (said?.diagnosis.status === 'ok') return pass;
  }
  return null;
};
