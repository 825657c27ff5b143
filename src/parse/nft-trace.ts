/** One line of `nft monitor trace` about a rule or policy that a packet met. */
export interface NftTraceLine {
  /** Number that the kernel gives the packet at one hook. */
  readonly packet: string;
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  /** `null` for the policy of a chain. */
  readonly handle: number | null;
  /** The rule as nft prints it; empty where it only knows the handle. */
  readonly text: string;
  /** `accept`, `drop`, `continue`, `jump …`, `return`, `queue`. */
  readonly verdict: string;
}

/** What the packet of a trace looked like. */
export interface NftTracePacket {
  readonly packet: string;
  readonly source: string | null;
  readonly destination: string | null;
}

const HEAD = /^trace id ([0-9a-f]+) (\S+) (\S+) (\S+) (.*)$/;

/**
 * Rules and policies that packets met, from the text of `nft -a monitor trace`; other events are left out.
 * @see trace_print_rule and trace_print_policy in src/netlink.c of nftables
 */
export const parseNftTrace = (
  text: string,
): { readonly lines: readonly NftTraceLine[]; readonly packets: readonly NftTracePacket[] } => {
  const lines: NftTraceLine[] = [];
  const packets: NftTracePacket[] = [];
  for (const line of text.split('\n')) {
    const [, packet, family, table, chain, rest = ''] = HEAD.exec(line.trim()) ?? [];
    if (packet === undefined || family === undefined || table === undefined || chain === undefined) continue;
    if (rest.startsWith('packet: ')) {
      const address = (name: string): string | null => new RegExp(`ip6? ${name} (\\S+)`).exec(rest)?.[1] ?? null;
      packets.push({ packet, source: address('saddr'), destination: address('daddr') });
      continue;
    }
    const met = metBy(rest);
    if (met) lines.push({ packet, family, table, chain, ...met });
  }
  return { lines, packets };
};

const metBy = (rest: string): Pick<NftTraceLine, 'handle' | 'text' | 'verdict'> | null => {
  const policy = /^policy (\S+)$/.exec(rest);
  if (policy) return { handle: null, text: '', verdict: policy[1] ?? '' };
  const rule = /^(?:unknown )?rule (.*?)(?: ?# )?(?:handle (\d+) )?\(verdict (.+)\)$/.exec(rest);
  if (!rule) return null;
  const [, text = '', handle, verdict = ''] = rule;
  return {
    handle: handle === undefined ? null : Number(handle),
    text: text.replace(/\bcounter packets \d+ bytes \d+/, 'counter').trim(),
    verdict,
  };
};
