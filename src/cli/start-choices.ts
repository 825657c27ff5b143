import { listContainers } from '../discover/index.js';
import { suggestDestinations } from '../engine/suggest.js';
import type { Choice, Destination } from '../tui/draw/start.js';

/** What the start screen offers. Nothing is sent for it. */
export const chooser = (target: string, signal: AbortSignal) => ({
  givenTarget: target === '' ? null : target,
  containers: async (): Promise<readonly Choice[]> => {
    const { rows } = await listContainers({ signal });
    return rows.map((row) => ({ ...row, target: targetOf(row) }));
  },
  destinations: async (chosen: string, containers: readonly Choice[]): Promise<readonly Destination[]> => {
    const own = await suggestDestinations(chosen, signal);
    const others = containers
      .filter((other) => other.target !== chosen)
      .flatMap(({ name, addresses }) =>
        addresses.slice(0, 1).map((address) => ({ text: address.split('/')[0] ?? '', why: `container ${name}` })),
      );
    return [...own, ...others];
  },
});

const targetOf = ({ pid, netns }: { readonly pid: number | null; readonly netns: string }): string => {
  if (!netns.startsWith('/')) return `netns:${netns}`;
  return pid === null ? netns : `pid:${pid}`;
};
