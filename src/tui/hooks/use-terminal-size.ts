import { useStdout } from 'ink';
import { useSyncExternalStore } from 'react';
import type { Size } from '../terminal/size.js';

/** Columns and rows of the terminal, followed through resizes. */
export const useTerminalSize = (): Size => {
  const { stdout } = useStdout();
  const text = useSyncExternalStore(
    (listener) => {
      stdout.on('resize', listener);
      return () => void stdout.off('resize', listener);
    },
    () => `${stdout.columns || 80}x${stdout.rows || 24}`,
  );
  const [columns = 80, rows = 24] = text.split('x').map(Number);
  return { columns, rows };
};
