import { describe, expect, it } from 'vitest';
import type { BridgePort, FdbEntry } from '../../../src/model/state.js';
import { askBridge, type BridgeFrame, type BridgeView } from '../../../src/routing/bridge.js';

const port = (ifname: string, more: Partial<BridgePort> = {}): BridgePort => ({
  ifname,
  ifindex: Number(ifname.slice(1)),
  master: 'br0',
  state: 'forwarding',
  isolated: false,
  locked: false,
  hairpin: false,
  learning: true,
  flood: true,
  ...more,
});

const entry = (mac: string, ifname: string, more: Partial<FdbEntry> = {}): FdbEntry => ({
  mac,
  ifname,
  master: 'br0',
  dst: null,
  flags: [],
  state: null,
  ...more,
});

const [BRIDGE, ONE, TWO] = ['02:00:00:00:00:01', '02:00:00:00:00:11', '02:00:00:00:00:22'];

const view = (more: Partial<BridgeView> = {}): BridgeView => ({
  ifname: 'br0',
  up: true,
  address: BRIDGE,
  ports: [port('p1'), port('p2'), port('p3')],
  fdb: [entry(ONE, 'p1'), entry(TWO, 'p2')],
  vlanFiltering: false,
  vlans: null,
  ...more,
});

const frame = (more: Partial<BridgeFrame> = {}): BridgeFrame => ({
  port: 'p1',
  source: ONE,
  destination: TWO,
  vlan: null,
  ...more,
});

const ask = (bridge: Partial<BridgeView>, one: Partial<BridgeFrame> = {}) => {
  const { outcome, ports } = askBridge(view(bridge), frame(one));
  return [outcome, ...ports];
};

describe('a frame on a bridge', () => {
  it('goes to the port behind which its destination is known', () => {
    expect(ask({})).toEqual(['port', 'p2']);
  });

  it('goes up when it is for the bridge or a port itself', () => {
    expect(ask({}, { destination: BRIDGE })).toEqual(['up']);
    expect(ask({ address: null, fdb: [entry(BRIDGE, 'p2', { state: 'permanent' })] }, { destination: BRIDGE })).toEqual(
      ['up'],
    );
  });

  it('a static entry is no address of our own', () => {
    expect(ask({ fdb: [entry(TWO, 'p2', { state: 'static' })] })).toEqual(['port', 'p2']);
  });

  it('is flooded when nobody knows its destination, to ports that flood', () => {
    expect(ask({ fdb: [] })).toEqual(['flood', 'p2', 'p3']);
    expect(ask({ fdb: [], ports: [port('p1'), port('p2', { flood: false }), port('p3')] })).toEqual(['flood', 'p3']);
    expect(ask({ fdb: [], ports: [port('p1'), port('p2', { flood: false })] })).toEqual(['drop']);
  });

  it('broadcast and multicast have flags of their own', () => {
    const ports = [port('p1'), port('p2', { broadcastFlood: false }), port('p3', { multicastFlood: false })];
    expect(ask({ ports }, { destination: 'ff:ff:ff:ff:ff:ff' })).toEqual(['flood', 'p3']);
    expect(ask({ ports }, { destination: '01:00:5e:00:00:fb' })).toEqual(['flood', 'p2']);
  });

  it.each(['disabled', 'listening', 'blocking', 'learning'])('dies at a port that is %s', (state) => {
    expect(ask({ ports: [port('p1', { state }), port('p2')] })).toEqual(['drop']);
    expect(ask({ ports: [port('p1'), port('p2', { state })] })).toEqual(['drop']);
  });

  it('isolated ports do not talk to each other, but to any other and to the host', () => {
    const ports = [port('p1', { isolated: true }), port('p2', { isolated: true }), port('p3')];
    expect(ask({ ports })).toEqual(['drop']);
    expect(ask({ ports, fdb: [entry(TWO, 'p3')] })).toEqual(['port', 'p3']);
    expect(ask({ ports }, { destination: BRIDGE })).toEqual(['up']);
    expect(ask({ ports, fdb: [] })).toEqual(['flood', 'p3']);
  });

  it('goes back by its own port with hairpin alone', () => {
    expect(ask({ fdb: [entry(TWO, 'p1')] })).toEqual(['drop']);
    expect(ask({ fdb: [entry(TWO, 'p1')], ports: [port('p1', { hairpin: true })] })).toEqual(['port', 'p1']);
  });

  it('a locked port takes known sources alone', () => {
    const ports = [port('p1', { locked: true }), port('p2')];
    expect(ask({ ports })).toEqual(['port', 'p2']);
    expect(ask({ ports, fdb: [entry(TWO, 'p2')] })).toEqual(['drop']);
    expect(ask({ ports, fdb: [entry(ONE, 'p2'), entry(TWO, 'p2')] })).toEqual(['drop']);
  });

  it('nothing passes a bridge that is down or a port that is none of its own', () => {
    expect(ask({ up: false })).toEqual(['drop']);
    expect(ask({}, { port: 'p9' })).toEqual(['drop']);
  });

  it('sent by the host itself needs no ingress port', () => {
    expect(ask({}, { port: null, source: BRIDGE })).toEqual(['port', 'p2']);
  });

  describe('with VLAN filtering', () => {
    const vlan = (ifname: string, number: number, isPvid = false) => ({
      ifname,
      vlan: number,
      isPvid,
      isUntagged: isPvid,
    });
    const vlans = [vlan('p1', 10, true), vlan('p2', 10, true), vlan('p3', 20, true), vlan('p1', 30)];
    const filtering = { vlanFiltering: true, vlans };

    it('stays in the VLAN of its port', () => {
      expect(ask(filtering)).toEqual(['port', 'p2']);
      expect(ask({ ...filtering, fdb: [entry(TWO, 'p3')] })).toEqual(['drop']);
      expect(ask({ ...filtering, fdb: [] })).toEqual(['flood', 'p2']);
    });

    it('a tag that the port does not have, and no PVID, are refused', () => {
      expect(ask(filtering, { vlan: 20 })).toEqual(['drop']);
      expect(ask({ ...filtering, vlans: [vlan('p1', 10), vlan('p2', 10)] })).toEqual(['drop']);
      expect(ask(filtering, { vlan: 30 })).toEqual(['drop']);
    });

    it('is unknown while the VLANs were not read', () => {
      expect(ask({ vlanFiltering: true })).toEqual(['unknown']);
    });
  });
});
