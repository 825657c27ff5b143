import type { Family } from '../model/flow.js';
import type { NetnsState } from '../model/state.js';
import type { Passage } from './frame-hooks.js';
import { linkNamed } from './state.js';

const ASKS_IP: ReadonlySet<string> = new Set(['prerouting', 'forward', 'postrouting']);

/**
 * The parts of a way across a bridge between which br_netfilter asks the rules of IP: PREROUTING after the first part, and
 * from port to port FORWARD and POSTROUTING after the next two.
 * @see net/bridge/br_netfilter_hooks.c
 */
export const aroundIp = (passages: readonly Passage[]): readonly (readonly Passage[])[] => {
  const parts: Passage[][] = [[]];
  for (const passage of passages) {
    const asks = passage.layer === 'bridge' && ASKS_IP.has(passage.hook);
    parts.at(-1)?.push(asks ? { ...passage, part: 'before' } : passage);
    if (asks) parts.push([{ ...passage, part: 'after' }]);
  }
  return parts;
};

/** Whether br_netfilter asks the rules of IP about what a bridge passes: the namespace's switch or the bridge's own. */
export const asksIp = (state: NetnsState | undefined, family: Family, bridge: string | null): boolean => {
  if (state === undefined || bridge === null || !state.sysctls.ok) return false;
  const name = family === 4 ? 'iptables' : 'ip6tables';
  const own = state.links.ok ? linkNamed({ links: state.links.value }, bridge)?.data[`nf_call_${name}`] : undefined;
  const all = state.sysctls.value[`net.bridge.bridge-nf-call-${name}`];
  return all === '1' || (all !== undefined && own === 1);
};
