import { describe, expect, it } from 'vitest';
import { type FlowRequest, type NetnsTopology, planPath, type Topology } from '../../../src/discover/index.js';
import { topologyFixture } from '../../helpers/topology-fixture.js';

const REQUEST: FlowRequest = {
  family: 4,
  protocol: 'icmp',
  destination: '203.0.113.5',
  destinationText: '203.0.113.5',
  port: null,
  source: null,
  mark: 0,
};

const hops = (topology: Topology, request: Partial<FlowRequest> = {}): string[] =>
  planPath(topology, { ...REQUEST, ...request }).path.hops.map((hop) => `${hop.role} ${hop.ifname ?? '-'}`);

const change = (
  topology: Topology,
  id: string,
  changed: (netns: NetnsTopology) => Partial<NetnsTopology>,
): Topology => ({
  netns: topology.netns.map((netns) => (netns.ref.id === id ? { ...netns, ...changed(netns) } : netns)),
});

describe('a bond below a VLAN', () => {
  const bond = topologyFixture('bond');

  it('is followed to its active member', () => {
    expect(hops(bond)).toEqual([
      'socket -',
      'container eth0',
      'veth-host veth1_p',
      'bridge br0',
      'uplink bond0.100',
      'lower bond0',
      'lower eth1',
      'outside -',
    ]);
  });

  it('is said to spread where no member is the active one', () => {
    const spread = change(bond, 'host', ({ links }) => ({
      links: links.map((link) => (link.kind === 'bond' ? { ...link, data: { mode: '802.3ad' } } : link)),
    }));
    const { path } = planPath(spread, REQUEST);
    expect(path.hops.some((hop) => hop.ifname === 'eth0')).toBe(true);
    expect(path.notes).toEqual(['bond0 spreads flows over eth0, eth1; only eth0 is watched']);
  });
});

describe('a VRF', () => {
  const vrf = topologyFixture('vrf');

  it('routes by its own table', () => {
    const { path } = planPath(vrf, REQUEST);
    expect(hops(vrf).slice(3, 5)).toEqual(['bridge br0', 'uplink eth1']);
    expect(path.routers).toMatchObject([{ iif: 'br0', oif: 'eth1', nextHop: '198.51.100.129' }]);
  });

  it('is left for main where no l3mdev rule leads to it', () => {
    const plain = change(vrf, 'host', ({ rules }) => ({ rules: rules.filter((rule) => !rule.l3mdev) }));
    expect(hops(plain)[4]).toBe('uplink eth0');
  });

  it('delivers to its own addresses', () => {
    expect(planPath(vrf, { ...REQUEST, destination: '198.51.100.130' }).flow.kind).toBe('to-host');
  });
});

describe('a veth peer', () => {
  const bond = topologyFixture('bond');

  it('is not taken for found by its index alone', () => {
    const foreign = change(bond, 'host', ({ ids }) => ({ ids: new Map([...(ids ?? []), [1, 4026539999]]) }));
    const { path } = planPath(foreign, REQUEST);
    expect(path.hops.map((hop) => hop.role)).toEqual(['socket', 'container', 'outside']);
    expect(path.notes).toEqual(['eth0: its other end is not in a known namespace']);
  });

  it('is found where only one side knows the other’s identifier', () => {
    const half = change(bond, 'target', () => ({ ids: null }));
    expect(hops(half)[2]).toBe('veth-host veth1_p');
    const otherHalf = change(bond, 'host', () => ({ ids: new Map() }));
    expect(hops(otherHalf)[2]).toBe('veth-host veth1_p');
  });

  it('makes discovery ask for identifiers, then for the namespace', () => {
    const alone: Topology = {
      netns: change(
        change(bond, 'host', () => ({ links: [] })),
        'target',
        () => ({ ids: null }),
      ).netns,
    };
    expect(planPath(alone, REQUEST).wanted).toMatchObject([{ kind: 'ids', netns: { id: 'target' } }]);
    const asked = change(alone, 'target', () => ({ ids: new Map([[0, 4026539998]]) }));
    expect(planPath(asked, REQUEST).wanted).toEqual([{ kind: 'netns', inode: 4026539998 }]);
  });
});

describe('a flow to the container itself', () => {
  it('stays on its loopback device', () => {
    const { path, flow } = planPath(topologyFixture('bond'), { ...REQUEST, destination: '192.168.0.2' });
    expect(path.hops.map((hop) => hop.role)).toEqual(['socket', 'container', 'service']);
    expect(path.hops[1]?.ifname).toBe('lo');
    expect(flow.kind).toBe('local');
  });
});
