import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Fault, traceArguments } from '../../src/lab/fault.js';
import { serveProbes } from '../../src/lab/serve-probes.js';
import { topologies } from '../../src/lab/topologies/index.js';
import { EXIT } from '../../src/model/errors.js';
import { inventoryOf } from '../helpers/inventory.js';
import { openLab, PROGRAM, type TestLab } from '../helpers/lab.js';
import { mendedFaults } from '../helpers/sample.js';

/** What lies outside of the host, needs a person's knowledge, or has no command whose undo is exact: nothing is changed. */
const BY_HAND = [
  'app-localhost-means-container',
  'app-proxy-env-loopback',
  'ctr-cgroup-bpf-egress',
  'ctr-internal-net-none',
  'ctr-dns-no-nameserver',
  'ctr-dns-stub-127.0.0.53',
  'dns-host-docker-internal-missing',
  'dns-host-resolver-down',
  'dns-server-unreachable',
  'dns-upstream-blocks-53',
  'host-arp-announce-upstream-drop',
  'host-gateway-unreachable',
  'host-no-default-route',
  'host-xfrm-tunnel-no-sa',
  'ip6-disabled-in-container',
  'nf-masq-failover-first-packet',
  'macvlan-upstream-mac-filter',
  'macvlan-wrong-subnet',
  'ovs-vlan-tag-mismatch',
  'nic-mtu-small-df',
  'nic-no-carrier',
  'nic-no-ip',
  'ovl-bad-udp-checksum',
  'ovl-dev-down',
  'ovl-fdb-missing',
  'ovl-fdb-wrong-vtep',
  'ovl-hostgw-upstream-no-route',
  'ovl-hostgw-wrong-nexthop',
  'ovl-neigh-missing',
  'ovl-remote-forward-drop',
  'ovl-remote-route-missing',
  'ovl-rp-filter',
  'ovl-same-public-ip',
  'ovl-udp-blocked-underlay',
  'ovl-udp-port-blocked',
  'ovl-vni-mismatch',
  'ovl-wrong-vtep-local-ip',
  'pub-dnat-excludes-bridge',
  'pub-bound-host-loopback',
  'pub-service-bound-loopback',
  'pub-service-not-running',
  'svc-no-endpoints-reject',
  'svc-one-endpoint-dead',
  'svc-rules-missing',
  'svc-stale-endpoint',
  'unexplained-drop',
  'uplink-antispoof-src-ip',
  'uplink-arp-blocked-by-switch',
  'uplink-fragments-dropped',
  'uplink-ip-conflict',
  'uplink-multi-nic-reply',
  'uplink-remote-ignores-icmp',
  'uplink-upstream-drops',
  'veth-deleted',
  'veth-xdp-drop',
];

/** One command does not suffice: the default route went with the link; the limit of conntrack is not a namespace's to set. */
const ROLLED_BACK = ['nf-conntrack-full', 'nic-down'];

/** What is taken out was learnt, not set: the kernel asks anew, and there is nothing to put back. */
const LEARNT = ['br-mac-changed', 'ctr-pmtu-cache-poisoned', 'pub-udp-stale-conntrack'];

const expected = (fault: Fault): number =>
  BY_HAND.includes(fault.id) ? EXIT.fault : ROLLED_BACK.includes(fault.id) ? EXIT.rolledBack : EXIT.ok;

const broken = topologies.filter((topology) => mendedFaults.some((fault) => fault.topology === topology.id));

describe.each(broken)('network $id', ({ id }) => {
  let lab: TestLab;

  beforeAll(async () => {
    lab = await openLab(id);
    const own = mendedFaults.filter((fault) => fault.topology === id);
    await serveProbes(lab, own);
  });

  afterAll(() => lab.close());

  test.each(mendedFaults.filter((fault) => fault.topology === id))(
    '$id is mended, and undone exactly',
    async (fault) => {
      const vethoscope = (...args: readonly string[]) =>
        lab.exec([...PROGRAM, ...args], { timeoutMs: 60_000, env: { VETHOSCOPE_STATE: lab.stateFolder } });
      const flow = traceArguments(lab.topology, fault.probe);
      await lab.run(fault.break);
      try {
        const before = await inventoryOf(lab);
        const stored = fault.probe?.socket === undefined ? null : (await lab.trace(flow)).run;
        const fixed = await vethoscope('fix', ...(stored ? [stored.run.id] : flow), '--apply');
        expect(fixed.exitCode, fixed.stdout + fixed.stderr).toBe(expected(fault));
        if (fixed.exitCode === EXIT.ok) {
          expect((await lab.trace(flow)).run?.diagnosis.status).toBe('ok');
          expect((await inventoryOf(lab)) === before).toBe(LEARNT.includes(fault.id));
          const undone = await vethoscope('undo', '--last');
          expect(undone.exitCode, undone.stdout + undone.stderr).toBe(EXIT.ok);
        }
        expect(await inventoryOf(lab)).toBe(before);
        const again = await vethoscope('undo', '--last');
        expect(again).toMatchObject({ exitCode: EXIT.ok, stdout: 'nothing to undo\n' });
      } finally {
        await lab.run(fault.undo);
      }
    },
  );
});
