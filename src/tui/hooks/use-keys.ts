import { type Key, useInput } from 'ink';
import { useCallback, useRef } from 'react';
import { keyName } from '../keymap.js';

/** What a terminal would send for ctrl-c and ctrl-z, were it not in raw mode. */
export type TerminalSignal = 'SIGINT' | 'SIGTSTP';

/**
 * Hands over each key by its name. Ctrl-C and Ctrl-Z do what they do everywhere instead, whatever is shown. A paste
 * comes as its characters, one after the other. What is called is always of the latest draw.
 */
export const useKeys = (onKey: (name: string) => void, onSignal: (signal: TerminalSignal) => void): void => {
  const latest = useRef({ onKey, onSignal });
  latest.current = { onKey, onSignal };
  const handle = useCallback((input: string, key: Key): void => {
    const { onKey: press, onSignal: send } = latest.current;
    const name = keyName(input, key);
    const keys = [...input].length > 1 && name === input ? [...input].map((one) => keyName(one, {})) : [name];
    for (const one of keys) {
      if (one === 'ctrl-c') send('SIGINT');
      else if (one === 'ctrl-z') send('SIGTSTP');
      else if (one !== '') press(one);
    }
  }, []);
  useInput(handle);
};
