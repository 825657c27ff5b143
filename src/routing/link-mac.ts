import type { WalkInput } from './flow-walk-types.js';
import { linkNamed } from './state.js';

/** MAC address of the device at a hop of the path; `null` when it has none or was not read. */
export const macOf = (input: Pick<WalkInput, 'path' | 'states'>, index: number): string | null => {
  const hop = input.path.hops[index];
  return hop ? linkMac(input, hop.netns, hop.ifname) : null;
};

/** MAC address of a device. */
export const linkMac = ({ states }: Pick<WalkInput, 'states'>, netns: string, device: string | null): string | null => {
  const links = states[netns]?.links;
  return links?.ok ? (linkNamed({ links: links.value }, device)?.address ?? null) : null;
};
