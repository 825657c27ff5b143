import type { Evidence } from '../../src/model/evidence.js';
import type { NetnsId } from '../../src/model/netns.js';
import type { NeighbourState, NetnsState, RouteState } from '../../src/model/state.js';
import type { OnceMended } from '../define-check.js';

type Edit = (state: Partial<NetnsState>) => Partial<NetnsState>;

/** Changes what was read of a namespace, before the probe and after it. */
const inNetns = (evidence: Evidence, id: NetnsId, edit: Edit): Evidence => {
  const [before, after] = [evidence.before[id], evidence.after[id]];
  return {
    ...evidence,
    before: before ? { ...evidence.before, [id]: { ...before, ...edit(before) } } : evidence.before,
    after: after ? { ...evidence.after, [id]: { ...after, ...edit(after) } } : evidence.after,
  };
};

const inContainer = (evidence: Evidence, edit: Edit): Evidence => inNetns(evidence, 'target', edit);

/** The container's packets come from another address. */
export const sendsFrom =
  (source: string): OnceMended =>
  (evidence) => ({ ...evidence, flow: { ...evidence.flow, source } });

/** The container forgets some of its neighbours, and asks for them again. */
export const forgets =
  (isForgotten: (entry: NeighbourState) => boolean): OnceMended =>
  (evidence) =>
    inContainer(evidence, ({ neighbours }) =>
      neighbours?.ok
        ? { neighbours: { ...neighbours, value: neighbours.value.filter((entry) => !isForgotten(entry)) } }
        : {},
    );

/** A device of the container uses ARP. */
export const resolvesOn =
  (device: string): OnceMended =>
  (evidence) =>
    inContainer(forgets((entry) => entry.dev === device && entry.states.includes('NOARP'))(evidence), ({ links }) =>
      links?.ok
        ? {
            links: {
              ...links,
              value: links.value.map((link) =>
                link.ifname === device ? { ...link, flags: link.flags.filter((flag) => flag !== 'NOARP') } : link,
              ),
            },
          }
        : {},
    );

/** The container's routes name another gateway. */
export const sendsVia =
  (wrong: string, right: string): OnceMended =>
  (evidence) =>
    inContainer(evidence, ({ routes }) =>
      routes?.ok
        ? {
            routes: {
              ...routes,
              value: routes.value.map((route) => ({
                ...route,
                nexthops: route.nexthops.map((hop) => (hop.gateway === wrong ? { ...hop, gateway: right } : hop)),
              })),
            },
          }
        : {},
    );

/** The host has one route less. */
export const routesWithout =
  ({ table, text }: RouteState): OnceMended =>
  (evidence) =>
    inNetns(evidence, 'host', ({ routes }) =>
      routes?.ok
        ? {
            routes: {
              ...routes,
              value: routes.value.filter((route) => route.table !== table || route.text !== text),
            },
          }
        : {},
    );
