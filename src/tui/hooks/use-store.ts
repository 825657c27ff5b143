import { useSyncExternalStore } from 'react';
import type { Store } from '../store/throttled-store.js';

/** The store's snapshot, drawn again when it changes. */
export const useStore = <S, E>(store: Store<S, E>): S => useSyncExternalStore(store.subscribe, store.snapshot);
