import ipaddr from 'ipaddr.js';
import type { Rewrite } from '../../src/model/diagnosis.js';
import type { AddressState } from '../../src/model/state.js';
import { chainRules, findChains } from '../../src/netfilter/rules.js';
import type { CheckContext } from '../define-check.js';

/**
 * With which source address the request left the uplink: as seen where it was seen there and nearer to the container, so
 * that a rewrite would show; else as the walk says, unless a rule on the way cannot be judged. `null`: not known.
 */
export const sourceAtUplink = (context: CheckContext): string | null => {
  const { hops } = context.path;
  const uplink = hops.findIndex((hop) => hop.role === 'uplink');
  const saw = (index: number) =>
    hops[index]?.captured === true &&
    context.located.counts.some((count) => count.hop === hops[index]?.id && count.forward > 0);
  const nearer = hops.some((_, index) => index < uplink && saw(index));
  if (!saw(uplink) || !nearer || !context.hasHeaders)
    return context.walk.unknowns.length > 0 ? null : (context.walk.atUplink?.source ?? null);
  const rewrites = context.located.rewrites.filter(
    (rewrite: Rewrite) => rewrite.way === 'forward' && rewrite.field === 'source',
  );
  return rewrites.at(-1)?.after ?? context.flow.source;
};

/** Whether this host has the address, so that an answer to it comes back here. */
export const isHostAddress = (addresses: readonly AddressState[], address: string): boolean =>
  addresses.some((candidate) => candidate.local === address);

/**
 * Whether the address is one that the world outside does not route: RFC 1918, RFC 6598 shared space, link-local,
 * RFC 4193 unique local.
 */
export const isPrivate = (address: string): boolean =>
  /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|f[cd][0-9a-f]{2}:|fe80:)/i.test(
    address,
  );

/** Whether a network, or the one address that it names, holds the address; `null` is every network. */
export const isWithin = (network: string | null, address: string): boolean => {
  if (network === null) return true;
  const bare = ipaddr.parse(address);
  const [range, bits] = ipaddr.parseCIDR(
    network.includes('/') ? network : `${network}/${ipaddr.parse(network).kind() === 'ipv4' ? 32 : 128}`,
  );
  return bare.kind() === range.kind() && bare.match(range, bits);
};

/** Whether it is known what conntrack of a namespace makes of the flow: of a connection that is under way, more than the rules decide. */
export const isTracked = ({ flow, conntrack, hasRead }: CheckContext, netns: string): boolean =>
  !flow.established || (conntrack(netns) !== null && hasRead(netns, 'sysctls'));

/**
 * The program for a NAT rule of ours: that of the back-end which holds the NAT rules of the namespace, or where there are none all
 * its rules of iptables; the legacy one only where it alone holds any.
 */
export const natTool = (context: CheckContext, netns: string): string => {
  const state = context.netfilter(netns);
  const family = context.flow.family === 4 ? 'ip' : 'ip6';
  const holders = (table: string | null): ReadonlySet<string> =>
    new Set(
      state === null
        ? []
        : findChains(state, (chain) => chain.family === family && (table === null || chain.table === table))
            .filter(({ backend }) => backend !== 'nftables')
            .filter((chain) => chainRules(state, chain).length > 0)
            .map(({ backend }) => backend),
    );
  const nat = holders('nat');
  const all = nat.size > 0 ? nat : holders(null);
  return `${family}tables${all.has('legacy') && !all.has('nft') ? '-legacy' : ''}`;
};
