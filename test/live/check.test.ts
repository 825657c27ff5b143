import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { topologies } from '../../src/lab/topologies/index.js';
import type { CheckReport } from '../../src/model/check-report.js';
import { openLab, PROGRAM, type TestLab } from '../helpers/lab.js';
import { tracedFaults } from '../helpers/sample.js';

/** What no rule, route or setting of this host shows: the other side, a wrong way out, a part that is not walked, large packets. */
const BEYOND = new Set([
  'veth-xdp-drop',
  'br-mcast-flood-off-ipv6',
  'ip6-mcast-snooping-no-mld',
  'c2c-stale-arp',
  'macvlan-parent-down',
  'macvlan-upstream-mac-filter',
  'macvlan-wrong-subnet',
  'ovl-bad-udp-checksum',
  'ovl-dev-down',
  'ovl-fdb-missing',
  'ovl-fdb-wrong-vtep',
  'ovl-hostgw-upstream-no-route',
  'ovl-hostgw-wrong-nexthop',
  'ovl-neigh-missing',
  'ovl-remote-forward-drop',
  'ovl-remote-route-missing',
  'ovl-route-missing',
  'ovl-rp-filter',
  'ovl-same-public-ip',
  'ovl-udp-blocked-underlay',
  'ovl-udp-port-blocked',
  'ovl-vni-mismatch',
  'ovl-wrong-vtep-local-ip',
  'host-gateway-unreachable',
  'host-route-overlap-vpn',
  'host-rp-filter-uplink',
  'host-rule-source-table',
  'host-subnet-overlap-bridge',
  'ovs-vlan-tag-mismatch',
  'ctr-stale-host-route',
  'unexplained-drop',
  'uplink-antispoof-src-ip',
  'uplink-arp-blocked-by-switch',
  'uplink-ip-conflict',
  'uplink-remote-ignores-icmp',
  'uplink-upstream-drops',
  'nf-conntrack-full',
  'nf-missing-masquerade',
  'nf-masq-wrong-iface',
  'nf-masq-wrong-subnet',
  'nf-snat-wrong-ip',
  'br-wrong-ip',
  'ctr-wrong-gateway',
  'host-proxy-arp-no-default-route',
  'host-proxy-arp-off',
  'br-mac-changed',
  'ctr-noarp',
  'host-arp-announce-upstream-drop',
  'host-default-route-via-veth',
  'nf-nfqueue-no-listener',
  'br-htb-direct-qlen-0',
  'ctr-gw-stale-mac',
  'host-neigh-permanent-wrong',
  'ip6-no-masquerade-ula',
  'nf-limit-drop',
  'nf-raw-notrack',
  'uplink-gateway-wrong-mac',
  'ip6-ptb-blocked',
  'pmtu-blackhole-fragneeded-filtered',
  'pmtu-blackhole-host-output-blocked',
  'uplink-frame-exceeds-peer-mtu',
  'veth-host-mtu-smaller',
]);

describe.each(topologies)('network $id', ({ id }) => {
  let lab: TestLab;
  const check = async (): Promise<{ readonly exitCode: number | null; readonly report: CheckReport }> => {
    const { target, destination } = lab.topology;
    const result = await lab.exec([...PROGRAM, 'check', target, destination, '--json']);
    return { exitCode: result.exitCode, report: JSON.parse(result.stdout) };
  };

  beforeAll(async () => {
    lab = await openLab(id);
  });

  afterAll(() => lab.close());

  test('is predicted to work', async () => {
    const { report, exitCode } = await check();
    expect(report.conclusion).toMatchObject({ verdict: 'accepted', phase: null });
    expect(exitCode).toBe(0);
  });

  const own = tracedFaults.filter(
    (fault) => fault.topology === id && fault.probe === undefined && !BEYOND.has(fault.id),
  );
  test.each(own)('$id is predicted, without a packet', async (fault) => {
    await lab.run(fault.break);
    try {
      const { report, exitCode } = await check();
      expect(report.conclusion.verdict, report.conclusion.title).toBe('dropped');
      expect(exitCode).toBe(3);
      const phase = report.phases.find(({ number }) => number === report.conclusion.phase);
      expect(phase?.way, report.conclusion.title).toBe(fault.expect.way);
    } finally {
      await lab.run(fault.undo);
    }
  });
});
