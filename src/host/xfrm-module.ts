import { release } from 'node:os';

/**
 * Shell words that succeed where the kernel has no IPsec to ask: no module that is loaded, none that is built in. Asking
 * would load it.
 */
export const HAS_NO_XFRM = `test -e /proc/modules && ! grep -qsE '^xfrm_user |/xfrm_user\\.ko$' /proc/modules /lib/modules/${release()}/modules.builtin`;
