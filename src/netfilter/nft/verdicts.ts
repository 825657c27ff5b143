import type { Choice, Decision, Scene } from '../program.js';
import type { HookPacket } from '../types.js';
import { listOf, member, named, textOf } from './json.js';
import { compileKey } from './operands.js';
import { compileMap, elementsOf } from './sets.js';

type Decide = (packet: HookPacket, scene: Scene) => Decision | Choice | null;

const PLAIN = new Set(['accept', 'drop', 'return', 'continue', 'queue']);

/** A verdict statement, or the verdict in a map; `null` when it is none. */
export const verdictOf = (json: unknown): Decision | null => {
  const [kind, body] = named(json) ?? [textOf(json) ?? '', null];
  if (PLAIN.has(kind)) return { kind: kind as 'accept' };
  if (kind === 'jump' || kind === 'goto') {
    const chain = textOf(member(body, 'target'));
    return chain === null ? null : { kind, chain };
  }
  return null;
};

/** `{"vmap": {"key", "data"}}`: the verdict of the key's element; a key without element ends the rule. */
export const compileVerdictMap = (body: unknown, sets: Scene['sets']): Decide => {
  const key = compileKey(member(body, 'key'));
  const data = member(body, 'data');
  const elements = elementsOf(data, sets);
  if (elements === null) return () => ({ because: 'the verdict map is not in the dump', options: ANYTHING });
  const lookup = compileMap(elements, key.domains);
  return (packet, scene) => {
    const reading = key.read(packet, scene);
    if (reading === null) return null;
    const answer = lookup(reading.data);
    if ('value' in answer && answer.value === undefined) return null;
    const verdict = 'value' in answer ? verdictOf(answer.value) : null;
    if (verdict !== null) return verdict;
    const options = 'candidates' in answer ? answer.candidates.map(verdictOf) : ANYTHING;
    return { because: reading.because ?? 'the verdict map is not understood', options };
  };
};

const ANYTHING: readonly (Decision | null)[] = [null, { kind: 'accept' }, { kind: 'drop' }];

/** Type of the reply of `reject`, in the words of iptables where they have one (`icmp-host-prohibited`). */
export const rejectType = (body: unknown, family: string): string => {
  const type = textOf(member(body, 'type'));
  if (type === 'tcp reset') return 'tcp-reset';
  const standard = type ?? (family === 'ip' ? 'icmp' : family === 'ip6' ? 'icmpv6' : 'icmpx');
  return `${standard}-${textOf(listOf(member(body, 'expr'))[0]) ?? 'port-unreachable'}`;
};
