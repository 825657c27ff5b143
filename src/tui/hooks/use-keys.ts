import { useInput } from 'ink';
import { keyName } from '../keymap.js';

/** What a terminal would send for ctrl-c and ctrl-z, were it not in raw mode. */
export type TerminalSignal = 'SIGINT' | 'SIGTSTP';

/**
 * Hands over each key by its name. Ctrl-C and Ctrl-Z do what they do everywhere instead, whatever is shown. A paste comes as
 * its characters, one after the other.
 */
export const useKeys = (onKey: (name: string) => void, onSignal: (signal: TerminalSignal) => void): void => {
  useInput((input, key) => {
    if (key.ctrl && input === 'c') return onSignal('SIGINT');
    if (key.ctrl && input === 'z') return onSignal('SIGTSTP');
    const name = keyName(input, key);
    if ([...input].length === 1 || name !== input) return name === '' ? undefined : onKey(name);
    for (const character of input) {
      if (character === '\u0003') return onSignal('SIGINT');
      onKey(keyName(character, {}));
    }
  });
};
