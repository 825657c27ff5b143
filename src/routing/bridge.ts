import type { BridgePort, BridgeVlan, FdbEntry } from '../model/state.js';

/** What a bridge's decisions depend on. */
export interface BridgeView {
  readonly ifname: string;
  /** A bridge that is down hands nothing up and sends nothing. */
  readonly up: boolean;
  /** The bridge's own MAC address; frames for it go up. */
  readonly address: string | null;
  readonly ports: readonly BridgePort[];
  readonly fdb: readonly FdbEntry[];
  readonly vlanFiltering: boolean;
  /** `null` when they were not read, which matters with VLAN filtering alone. */
  readonly vlans: readonly BridgeVlan[] | null;
}

/** One untagged or tagged frame. */
export interface BridgeFrame {
  /** Port it comes in by; `null` when the bridge's own namespace sends it. */
  readonly port: string | null;
  readonly source: string | null;
  readonly destination: string;
  /** VLAN tag that it carries; `null` for none. */
  readonly vlan: number | null;
}

/** What a bridge does with one frame. */
export interface BridgeAnswer {
  /** `up`: to the bridge's own namespace; `port`: to one port; `flood`: to several, and up where it is for all. */
  readonly outcome: 'up' | 'port' | 'flood' | 'drop' | 'unknown';
  /** Ports that the frame leaves by. */
  readonly ports: readonly string[];
  /** The setting or entry that decided, as a sentence part. */
  readonly because: string;
}

const drop = (because: string): BridgeAnswer => ({ outcome: 'drop', ports: [], because });

/**
 * The bridge's decision about a frame: ingress checks of the port, forwarding database, egress checks of the ports.
 * @see br_handle_frame_finish in net/bridge/br_input.c, should_deliver in net/bridge/br_forward.c
 */
export const askBridge = (bridge: BridgeView, frame: BridgeFrame): BridgeAnswer => {
  if (!bridge.up) return drop(`${bridge.ifname} is down`);
  if (bridge.vlanFiltering && bridge.vlans === null)
    return { outcome: 'unknown', ports: [], because: `the VLANs of ${bridge.ifname} were not read` };
  const ingress = frame.port === null ? null : (bridge.ports.find(({ ifname }) => ifname === frame.port) ?? null);
  if (frame.port !== null && ingress === null) return drop(`${frame.port} is no port of ${bridge.ifname}`);
  const refusal = ingress && refusedAtIngress(bridge, ingress, frame);
  if (refusal !== null) return drop(refusal);
  const vlan = bridge.vlanFiltering ? vlanOf(bridge, ingress?.ifname ?? bridge.ifname, frame) : 0;
  if (vlan === null) return drop(`${ingress?.ifname ?? bridge.ifname} does not take ${tagText(frame)}`);
  return deliver(bridge, ingress, frame, vlan);
};

const tagText = ({ vlan }: BridgeFrame): string => (vlan === null ? 'untagged frames' : `VLAN ${vlan}`);

const refusedAtIngress = ({ fdb }: BridgeView, port: BridgePort, { source }: BridgeFrame): string | null => {
  if (port.state !== 'forwarding' && port.state !== 'learning') return `${port.ifname} is ${port.state}`;
  const known = source !== null && fdb.some(({ mac, ifname }) => mac === source && ifname === port.ifname);
  if (port.locked && !known) return `${port.ifname} is locked and has no entry for ${source ?? 'the source'}`;
  return port.state === 'learning' ? `${port.ifname} is learning, not yet forwarding` : null;
};

/** VLAN in which the frame travels; `null` when the port does not take it. */
const vlanOf = ({ vlans }: BridgeView, port: string, { vlan }: BridgeFrame): number | null => {
  const own = (vlans ?? []).filter(({ ifname }) => ifname === port);
  if (vlan === null) return own.find(({ isPvid }) => isPvid)?.vlan ?? null;
  return own.some((entry) => entry.vlan === vlan) ? vlan : null;
};

const isGroup = (mac: string): boolean => (Number.parseInt(mac.slice(0, 2), 16) & 1) === 1;
const BROADCAST = 'ff:ff:ff:ff:ff:ff';

const deliver = (
  bridge: BridgeView,
  ingress: BridgePort | null,
  { destination }: BridgeFrame,
  vlan: number,
): BridgeAnswer => {
  const onward = (ports: readonly BridgePort[]): readonly BridgePort[] =>
    ports.filter((port) => refusedAtEgress(bridge, ingress, port, vlan) === null);
  if (isGroup(destination)) {
    const flag = destination === BROADCAST ? 'broadcastFlood' : 'multicastFlood';
    const ports = onward(bridge.ports.filter((port) => port[flag] ?? true)).map(({ ifname }) => ifname);
    return { outcome: 'flood', ports, because: `${destination} goes to every port that floods` };
  }
  if (destination === bridge.address && ingress !== null)
    return { outcome: 'up', ports: [], because: `${destination} is ${bridge.ifname} itself` };
  const entry = bridge.fdb.find(({ mac, master, vlan: of }) => {
    const isOurs = master === bridge.ifname || bridge.ports.some(({ ifname }) => ifname === master);
    return mac === destination && (isOurs || master === null) && (vlan === 0 || of === undefined || of === vlan);
  });
  const port = bridge.ports.find(({ ifname }) => ifname === entry?.ifname);
  if (entry && isLocal(entry) && ingress !== null)
    return { outcome: 'up', ports: [], because: `${destination} is the address of ${entry.ifname}` };
  if (entry && port) {
    const refusal = refusedAtEgress(bridge, ingress, port, vlan);
    if (refusal !== null) return drop(refusal);
    return { outcome: 'port', ports: [port.ifname], because: `${destination} is behind ${port.ifname}` };
  }
  const ports = onward(bridge.ports.filter(({ flood }) => flood)).map(({ ifname }) => ifname);
  if (ports.length === 0) return drop(`nobody knows ${destination}, and no port floods`);
  return { outcome: 'flood', ports, because: `${destination} is not known: flooded` };
};

/** Addresses of the bridge and its ports themselves are `permanent`; those a person added as `static` are not local. */
const isLocal = ({ state }: FdbEntry): boolean => state === 'permanent';

const refusedAtEgress = (
  { vlanFiltering, vlans }: BridgeView,
  ingress: BridgePort | null,
  port: BridgePort,
  vlan: number,
): string | null => {
  if (port.ifname === ingress?.ifname && !port.hairpin) return `${port.ifname} does not send back what came in by it`;
  if (port.state !== 'forwarding') return `${port.ifname} is ${port.state}`;
  if (ingress?.isolated && port.isolated) return `${ingress.ifname} and ${port.ifname} are both isolated`;
  const carries = vlans?.some((entry) => entry.ifname === port.ifname && entry.vlan === vlan) ?? true;
  return vlanFiltering && !carries ? `${port.ifname} does not carry VLAN ${vlan}` : null;
};
