import type { AnyHook } from '../../src/netfilter/types.js';

/**
 * When a bridge takes a decision, as the turn of a place: before or after it decides where a frame goes, which has none.
 * @see br_handle_frame_finish() in net/bridge/br_input.c, br_forward() in net/bridge/br_forward.c
 */
export const BRIDGE_TURN = { prerouting: -3, vlanOfPort: -2, lock: -1, hook: 1, postrouting: 2 } as const;

/** The turn of a hook of the bridge. */
export const turnOfHook = (hook: AnyHook): number =>
  hook === 'prerouting' || hook === 'postrouting' ? BRIDGE_TURN[hook] : BRIDGE_TURN.hook;
