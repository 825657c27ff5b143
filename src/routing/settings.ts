import type { Family } from '../model/flow.js';
import type { RoutingState } from './state.js';

type Settings = Pick<RoutingState, 'sysctls'>;

/** `net.ipvN.conf.DEV.KEY` as a number; `null` when it is not known. */
export const confNumber = (state: Settings, family: Family, dev: string, key: string): number | null => {
  const text = state.sysctls?.[`net.ipv${family}.conf.${dev}.${key}`];
  const value = text === undefined ? Number.NaN : Number(text);
  return Number.isNaN(value) ? null : value;
};

/** Whether an IPv4 setting that the kernel joins by OR (`accept_local`, `src_valid_mark`, …) is on for a device. */
export const confEither = (state: Settings, dev: string, key: string): boolean =>
  ['all', dev].some((name) => (confNumber(state, 4, name, key) ?? 0) !== 0);

/**
 * Whether packets received on a device are forwarded. IPv4 looks at the receiving device's flag alone, `all` only writes
 * through to the devices; IPv6 looks at `all` alone. A setting that is not known counts as on.
 * @see https://docs.kernel.org/networking/ip-sysctl.html
 */
export const isForwarding = (
  state: Settings,
  dev: string,
  family: Family,
): { readonly on: boolean; readonly all: boolean } => {
  const all = (confNumber(state, family, 'all', 'forwarding') ?? 1) !== 0;
  return { all, on: family === 6 ? all : (confNumber(state, 4, dev, 'forwarding') ?? 1) !== 0 };
};

/**
 * Whether a broadcast for another link that is received on a device is handed on there, as anything else is.
 * @see IN_DEV_BFORWARD in include/linux/inetdevice.h
 */
export const forwardsBroadcast = (state: Settings, dev: string): boolean =>
  ['all', dev].every((name) => (confNumber(state, 4, name, 'bc_forwarding') ?? 0) !== 0);
