import type { NetnsId } from '../model/netns.js';
import { type State, settingOf } from './facts/facts.js';

const GLOBAL = /^net\.(ipv4\.ip_forward|ipv4\.conf\.all\.forwarding|ipv6\.conf\.all\.forwarding)=([01])$/;

/**
 * What the kernel sets by itself with a command, from its own code: the global forwarding switch is written to every
 * interface, and IPv4's also turns `accept_redirects` of `all` the other way.
 * @see https://docs.kernel.org/networking/ip-sysctl.html, "ip_forward", "forwarding"; inet_forward_change(),
 *   addrconf_fixup_forwarding()
 */
export const kernelEffects = (inner: readonly string[], state: State, netns: NetnsId): readonly string[] => {
  if (/^ip (?:-[46] )?route flush cache$/.test(inner.join(' '))) return [PATHS];
  if (inner[0] === 'conntrack') return [ENTRY];
  if (inner[0] === 'ip' && inner[1] === 'neigh') return relearnt(inner, state, netns);
  if (/^ip6?tables-legacy$/.test(inner[0] ?? '')) return registered(inner, state, netns);
  const [, key = '', on = ''] = (inner[0] === 'sysctl' ? GLOBAL.exec(inner.at(-1) ?? '') : null) ?? [];
  if (key === '') return [];
  const family = key.startsWith('ipv4') ? 'ipv4' : 'ipv6';
  const facts = [...(state.get(netns) ?? new Map<string, string>())];
  const differing = facts.filter(
    ([name, value]) => name.startsWith(`sysctl net.${family}.conf.`) && name.endsWith('.forwarding') && value !== on,
  ).length;
  const redirects = state.get(netns)?.get('sysctl net.ipv4.conf.all.accept_redirects');
  const turned = on === '1' ? '0' : '1';
  return [
    ...(differing > 0 ? [`net.${family}.conf.*.forwarding becomes ${on} in ${differing} places`] : []),
    ...(family === 'ipv4' && redirects !== undefined && redirects !== turned
      ? [`net.ipv4.conf.all.accept_redirects  ${redirects} -> ${turned}`]
      : []),
  ];
};

const PATHS = 'MTUs of paths and redirects are learnt anew; what was learnt is not put back by undo';
const ENTRY = 'the next packet makes the entry anew, by the rules as they are then; undo does not put the old one back';

/** An entry that was not set by hand is no setting that could be put back: the kernel asks for it anew. */
const relearnt = (
  [, , , address = '', , device = '']: readonly string[],
  state: State,
  netns: NetnsId,
): readonly string[] =>
  settingOf(state, netns, 'neighbour', `${device} ${address}`) === null
    ? [`${address} is asked for anew on ${device}; a learnt entry is not put back by undo`]
    : [];

/** A legacy table that is used for the first time cannot be unregistered again: it is said beforehand. */
const registered = (inner: readonly string[], state: State, netns: NetnsId): readonly string[] => {
  const family = (inner[0] ?? '').replace('-legacy', '');
  const table = inner.includes('-t') ? (inner[inner.indexOf('-t') + 1] ?? '') : 'filter';
  return settingOf(state, netns, 'legacy-table', `${family} ${table}`) === null
    ? [`the legacy table ${table} of ${family} appears; undo leaves it empty, the kernel keeps it until a restart`]
    : [];
};
