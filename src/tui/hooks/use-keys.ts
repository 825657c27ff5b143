import { useInput } from 'ink';
import { keyName } from '../keymap.js';

/**
 * Hands over each key by its name. Ctrl-C goes to the program's own end instead, whatever is shown. A paste comes as
 * its characters, one after the other.
 */
export const useKeys = (onKey: (name: string) => void, onInterrupt: () => void): void => {
  useInput((input, key) => {
    if (key.ctrl && input === 'c') return onInterrupt();
    const name = keyName(input, key);
    if ([...input].length === 1 || name !== input) return name === '' ? undefined : onKey(name);
    for (const character of input) {
      if (character === '\u0003') return onInterrupt();
      onKey(keyName(character, {}));
    }
  });
};
