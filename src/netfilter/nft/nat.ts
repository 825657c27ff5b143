import { formatAddress, parseAddress, prefixMask } from '../address.js';
import type { MappingRange } from '../mapping.js';
import { mapTo, masquerade, netmap, redirect } from '../mapping.js';
import type { Choice, Decision, Scene } from '../program.js';
import type { HookPacket } from '../types.js';
import { isRecord, listOf, member, textOf } from './json.js';
import { compileKey } from './operands.js';
import { compileMap, elementsOf } from './sets.js';

type Decide = (packet: HookPacket, scene: Scene) => Decision | Choice | null;

const portOf = (json: unknown): number | null => (typeof json === 'number' ? json : null);

/** Reads an address, range, prefix, port, or `address . port` of a nat statement or of a map's value. */
const rangeOf = (json: unknown): MappingRange | null => {
  if (typeof json === 'number') return { low: null, high: null, port: json };
  const address = textOf(json);
  if (address !== null) return parseAddress(address) ? { low: address, high: address, port: null } : null;
  const [from, to] = listOf(member(json, 'range')).map(textOf);
  if (from && to) return parseAddress(from) && parseAddress(to) ? { low: from, high: to, port: null } : null;
  const prefix = member(json, 'prefix');
  if (prefix !== undefined) return prefixRange(textOf(member(prefix, 'addr')), member(prefix, 'len'));
  const [first, second] = listOf(member(json, 'concat'));
  const range = first === undefined ? null : rangeOf(first);
  return range && { ...range, port: portOf(second) };
};

const prefixRange = (address: string | null, length: unknown): MappingRange | null => {
  const base = parseAddress(address ?? '');
  if (base === null || typeof length !== 'number') return null;
  const mask = prefixMask(base.family, length);
  const all = prefixMask(base.family, 128);
  const low = base.value & mask;
  return {
    low: formatAddress({ ...base, value: low }),
    high: formatAddress({ ...base, value: low | (all ^ mask) }),
    port: null,
  };
};

const notUnderstood = (because: string): Choice => ({ because, options: [{ kind: 'accept' }] });

const FAMILIES: Readonly<Record<string, 4 | 6>> = { ip: 4, ip6: 6 };

/** `{"snat": …}` and `{"dnat": …}`, with an address, a range, a prefix or a map. */
export const compileNat = (kind: 'snat' | 'dnat', body: unknown, sets: Scene['sets']): Decide => {
  const family = FAMILIES[textOf(member(body, 'family')) ?? ''];
  const address = member(body, 'addr');
  const mapped = member(address, 'map');
  const decide = mapped === undefined ? toValue(kind, address, body) : fromMap(kind, mapped, body, sets);
  return (packet, scene) => (family !== undefined && family !== packet.family ? null : decide(packet, scene));
};

/** One value of a nat statement; `undefined` where it names a port alone. */
const toValue = (kind: 'snat' | 'dnat', value: unknown, body: unknown): Decide => {
  const port = member(body, 'port');
  if (member(port, 'map') !== undefined) return () => notUnderstood(`the port of ${kind} comes from a map`);
  const prefix = member(value, 'prefix');
  if (listOf(member(body, 'flags')).includes('netmap') && isRecord(prefix)) {
    return netmap(`${textOf(member(prefix, 'addr'))}/${String(member(prefix, 'len'))}`);
  }
  const range = value === undefined ? { low: null, high: null, port: null } : rangeOf(value);
  const decision =
    range === null
      ? notUnderstood(`the address of ${kind} is not understood`)
      : mapTo(kind, { ...range, port: portOf(port) ?? range.port });
  return () => decision;
};

const fromMap = (kind: 'snat' | 'dnat', map: unknown, body: unknown, sets: Scene['sets']): Decide => {
  const elements = elementsOf(member(map, 'data'), sets);
  if (elements === null) return () => notUnderstood('the map is not in the dump');
  const key = compileKey(member(map, 'key'));
  const lookup = compileMap(elements, key.domains);
  return (packet, scene) => {
    const reading = key.read(packet, scene);
    if (reading === null) return null;
    const answer = lookup(reading.data);
    if ('value' in answer) return answer.value === undefined ? null : toValue(kind, answer.value, body)(packet, scene);
    const all = answer.candidates.map((value) =>
      value === undefined ? null : toValue(kind, value, body)(packet, scene),
    );
    const plain = all.filter((decision) => decision === null || 'kind' in decision);
    return { because: reading.because ?? 'the map is not understood', options: plain };
  };
};

export const compileMasquerade = (body: unknown): Decide => masquerade(portOf(member(body, 'port')));
export const compileRedirect = (body: unknown): Decide => redirect(portOf(member(body, 'port')));
