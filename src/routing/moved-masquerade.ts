import type { NetnsState } from '../model/state.js';
import type { HookPacket } from '../netfilter/types.js';
import type { Connection } from './connection.js';
import type { WalkStep } from './flow-walk-types.js';
import { hookStep, routesOf, type StepPlace } from './walk-steps.js';

/** A connection that ends with the packet, and the packet as the next one goes, which begins another. */
interface Moved {
  readonly step: WalkStep;
  readonly packet: HookPacket;
}

/**
 * NAT drops a packet of a connection, and ends that, where MASQUERADE gave the connection the address of another device than
 * the one by which the packet leaves now. `null` where that is not so, and for what an SNAT rule gave.
 * @param leaving the packet as it comes to POSTROUTING
 * @see nf_nat_oif_changed and nf_nat_inet_fn in net/netfilter/nf_nat_core.c
 */
export const movedMasquerade = (
  place: StepPlace,
  state: NetnsState,
  connection: Connection | null,
  leaving: HookPacket,
): Moved | null => {
  const source = connection?.way === 'original' ? connection.translated.source : null;
  if (source === null || source === connection?.original.source || leaving.oif === null) return null;
  const owners = (routesOf(state)?.addresses ?? []).flatMap(({ local, ifname }) => (local === source ? [ifname] : []));
  const [device] = owners;
  if (device === undefined || owners.includes(leaving.oif)) return null;
  const first = { ...leaving, connection: 'new', connectionStatus: [], natDecided: false } as const;
  const by = (oif: string) => hookStep(place, 'postrouting', 'postrouting', { ...first, oif }, state);
  const translation = by(device).walk.translations.find(({ kind }) => kind === 'snat');
  if (!translation?.masquerade || translation.address !== source) return null;
  return {
    step: {
      ...place,
      stage: 'postrouting',
      device: leaving.oif,
      outcome: 'drop',
      detail: { kind: 'moved', address: source, device },
    },
    packet: by(leaving.oif).packet,
  };
};
