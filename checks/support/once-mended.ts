import type { Evidence } from '../../src/model/evidence.js';
import type { NeighbourState, NetnsState } from '../../src/model/state.js';
import type { OnceMended } from '../define-check.js';

type Edit = (state: Partial<NetnsState>) => Partial<NetnsState>;

/** Changes what was read of the container, before the probe and after it. */
const inContainer = (evidence: Evidence, edit: Edit): Evidence => {
  const [before, after] = [evidence.before['target'], evidence.after['target']];
  return {
    ...evidence,
    before: before ? { ...evidence.before, target: { ...before, ...edit(before) } } : evidence.before,
    after: after ? { ...evidence.after, target: { ...after, ...edit(after) } } : evidence.after,
  };
};

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
