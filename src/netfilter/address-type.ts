import type { AddressType, HookContext } from './types.js';

/** Type of an address in the local table; where the context does not know it, it may still know its own addresses. */
export const addressTypeOf = (context: HookContext, address: string, device: string | null): AddressType | null => {
  if (device !== null) return context.addressType(address, device);
  return context.addressType(address) ?? (context.isLocalAddress(address) ? 'local' : null);
};
