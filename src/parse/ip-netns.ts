import { z } from 'zod';
import { parseJsonRows } from './json-rows.js';

const row = z.object({ name: z.string(), id: z.number().optional() });

/**
 * Named namespaces from `ip -j netns list`; `id` is relative to the namespace that the command ran in.
 * @throws ParseError
 * @see ip-netns(8)
 */
export const parseIpNetns = (text: string): { readonly name: string; readonly id: number | null }[] =>
  parseJsonRows('ip netns', text, row).map(({ name, id }) => ({ name, id: id ?? null }));
