import type { IptablesOption } from '../../parse/iptables-save.js';
import { addressIn, type Side } from '../field-matches.js';
import type { Match } from '../program.js';
import { isArp, unknown, unknownMatch } from '../program.js';
import type { ArpFrame, HookPacket } from '../types.js';

export type OptionMatch = (option: IptablesOption) => Match;

export const value = ({ values: [first = ''] }: IptablesOption): string => first;

const GROUPS: Readonly<Record<string, string>> = {
  unicast: '00:00:00:00:00:00/01:00:00:00:00:00',
  multicast: '01:00:00:00:00:00/01:00:00:00:00:00',
  broadcast: 'ff:ff:ff:ff:ff:ff',
  bga: '01:80:c2:00:00:00',
};

/** Reads `2:0:0:0:0:1` and `02:00:00:00:00:01`; `null` for anything else. */
const parseMac = (text: string): bigint | null => {
  const parts = text.split(':');
  if (parts.length !== 6 || !parts.every((part) => /^[\da-f]{1,2}$/i.test(part))) return null;
  return BigInt(`0x${parts.map((part) => part.padStart(2, '0')).join('')}`);
};

/** Whether a MAC address is `MAC[/MASK]` or one of the groups that ebtables names. */
export const macIs = (text: string, read: (packet: HookPacket) => string | null | undefined, what: string): Match => {
  const key = text.toLowerCase();
  const [address = '', mask] = (Object.hasOwn(GROUPS, key) ? (GROUPS[key] ?? '') : key).split('/');
  const [wanted, bits] = [parseMac(address), mask === undefined ? 0xffffffffffffn : parseMac(mask)];
  if (wanted === null || bits === null) return unknownMatch(`${text} is not a MAC address`);
  return (packet) => {
    const mac = parseMac(read(packet) ?? '');
    return mac === null ? unknown(`the ${what} is not known`) : (mac & bits) === (wanted & bits);
  };
};

/** A match on a field of ARP; a frame without ARP has none. */
export const arpIs =
  (test: (arp: ArpFrame, packet: HookPacket) => ReturnType<Match>) =>
  (packet: HookPacket): ReturnType<Match> =>
    packet.frame === undefined || packet.frame.arp === null ? false : test(packet.frame.arp, packet);

/** Whether the sender's or target's address of ARP lies in a network. */
export const arpAddressIn = (key: 'senderAddress' | 'targetAddress', text: string): Match => {
  const match = addressIn('source', text);
  return (packet, scene) => arpIs((arp) => match({ ...packet, source: arp[key] }, scene))(packet);
};

const OPERATIONS: Readonly<Record<string, string>> = {
  '1': 'request',
  '2': 'reply',
  request: 'request',
  reply: 'reply',
};

/** Whether ARP asks or answers; the other operations are none of ours. */
export const arpOperationIs = (text: string): Match => {
  const key = text.toLowerCase();
  const wanted = Object.hasOwn(OPERATIONS, key) ? OPERATIONS[key] : null;
  return arpIs(({ operation }) => operation === wanted);
};

/** A match on IP of one family: neither ARP nor the other family has it. */
export const ofFamily =
  (family: 4 | 6, match: Match): Match =>
  (packet, scene) =>
    !isArp(packet) && packet.family === family && match(packet, scene);

/** Whether one of the frame's addresses is in a list `MAC[=ADDRESS],…`. */
export const among = (side: Side, text: string): Match => {
  const entries = text.split(',').filter((entry) => entry !== '');
  const tests = entries.map((entry) => {
    const [mac = '', address] = entry.split('=');
    const read = (packet: HookPacket) => (side === 'source' ? packet.macSource : packet.frame?.macDestination);
    return { mac: macIs(mac, read, `${side} MAC`), address };
  });
  return (packet, scene) => {
    let open: ReturnType<Match> = false;
    for (const { mac, address } of tests) {
      const answer = mac(packet, scene);
      if (answer === false) continue;
      const arp = packet.frame?.arp;
      const text = arp ? (side === 'source' ? arp.senderAddress : arp.targetAddress) : packet[side];
      const isIts = address === undefined || (packet.family === 4 && text === address);
      if (answer === true && isIts) return true;
      if (answer !== true && isIts) open = answer;
    }
    return open;
  };
};
