import { formatAddress, parseAddress, parseNetwork } from './address.js';
import type { Choice, Decision, Mapping, Scene } from './program.js';
import type { HookPacket, RuleRef, Translation } from './types.js';

/** Addresses and ports that a NAT rule may choose from; `null` leaves the packet's own. */
export interface MappingRange {
  readonly low: string | null;
  readonly high: string | null;
  readonly port: number | null;
}

const translate = (mapping: Mapping): Decision => ({ kind: 'translate', mapping });

/** The decision for a range: plain when it has one address, a choice between its ends when the kernel picks one. */
export const mapTo = (kind: Mapping['kind'], { low, high, port }: MappingRange): Decision | Choice => {
  const to = (address: string | null): Decision => translate({ kind, address, port, masquerade: false });
  if (low === high) return to(low);
  return { because: `the kernel chooses an address from ${low}-${high}`, options: [to(low), to(high)] };
};

const TARGET = /^(?:\[([^\]]*)\]|([^[:]*(?::[^[\]]*:[^[\]]*)?))(?::(\d+)(?:-(\d+))?(?:\/\d+)?)?$/;

/** Reads `10.0.0.1`, `10.0.0.1-10.0.0.9:80-90`, `:80`, `[2001:db8::1]:80`; `null` for anything else. */
export const parseMappingRange = (text: string): MappingRange | null => {
  if (!text.startsWith('[') && text.split(':').length > 2) return rangeOf(text, undefined, undefined);
  const [, bracketed, plain, from, to] = TARGET.exec(text) ?? [];
  const addresses = bracketed ?? plain;
  return addresses === undefined ? null : rangeOf(addresses, from, to);
};

const rangeOf = (addresses: string, from: string | undefined, to: string | undefined): MappingRange | null => {
  const port = from === undefined || (to !== undefined && to !== from) ? null : Number(from);
  if (addresses === '') return { low: null, high: null, port };
  const [low, high = low] = addresses.replaceAll(/[[\]]/g, '').split('-');
  if (low === undefined || high === undefined || !parseAddress(low) || !parseAddress(high)) return null;
  return { low, high, port };
};

/** MASQUERADE: the source becomes the egress device's own address. */
export const masquerade = (port: number | null): ((packet: HookPacket, scene: Scene) => Decision) => {
  return (packet, { context }) => {
    const address = packet.oif === null ? null : context.primaryAddress(packet.oif, packet.family);
    return translate({ kind: 'snat', address, port, masquerade: true });
  };
};

/** REDIRECT: the destination becomes the ingress device's own address, or loopback for a locally made packet. */
export const redirect = (port: number | null): ((packet: HookPacket, scene: Scene) => Decision) => {
  return (packet, { hook, context }) => {
    const loopback = packet.family === 4 ? '127.0.0.1' : '::1';
    const own = packet.iif === null ? null : context.primaryAddress(packet.iif, packet.family);
    return translate({ kind: 'dnat', address: hook === 'output' ? loopback : own, port, masquerade: false });
  };
};

/** Which half of the address NAT rewrites at a hook. */
export const mappingKind = (hook: Scene['hook']): Mapping['kind'] =>
  hook === 'postrouting' || hook === 'input' ? 'snat' : 'dnat';

/** NETMAP: the network part is replaced, the host part stays. */
export const netmap = (text: string): ((packet: HookPacket, scene: Scene) => Decision | Choice) => {
  const network = parseNetwork(text);
  return (packet, { hook }) => {
    const kind = mappingKind(hook);
    const old = parseAddress(kind === 'snat' ? packet.source : packet.destination);
    if (network === null || old?.family !== network.family) {
      return { because: `${text} is not a network`, options: [{ kind: 'accept' }] };
    }
    const all = network.family === 4 ? 0xffffffffn : (1n << 128n) - 1n;
    const value = network.value | (old.value & (all ^ network.mask));
    const address = formatAddress({ family: network.family, value });
    return translate({ kind, address, port: null, masquerade: false });
  };
};

/** The packet with its new source or destination, and what is to be said of it. */
export const applyMapping = (
  packet: HookPacket,
  { kind, address, port, masquerade: isMasquerade }: Mapping,
  rule: RuleRef,
): { readonly packet: HookPacket; readonly translation: Translation } => {
  const newPort = packet.protocol === 'icmp' ? null : port;
  const translation: Translation = { kind, rule, address, port: newPort, masquerade: isMasquerade };
  const { source, destination, sourcePort, destinationPort } = packet;
  const after =
    kind === 'snat'
      ? { ...packet, source: address ?? source, sourcePort: newPort ?? sourcePort }
      : { ...packet, destination: address ?? destination, destinationPort: newPort ?? destinationPort };
  const changed =
    after.source !== source ||
    after.destination !== destination ||
    after.sourcePort !== sourcePort ||
    after.destinationPort !== destinationPort ||
    (isMasquerade && address === null);
  if (!changed) return { packet, translation };
  const original = packet.original ?? { source, destination, sourcePort, destinationPort };
  return { packet: { ...after, original, connectionStatus: [...packet.connectionStatus, kind] }, translation };
};
