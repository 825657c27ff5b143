import type { Artifact } from '../../model/artifact.js';
import type { NetnsState } from '../../model/state.js';
import { nftObjects } from '../rules-summary.js';

const IPTABLES_LINE = /^(?:#.*|\*\S+|:\S+ \S+(?: \[\d+:\d+\])?|(?:\[\d+:\d+\] )?-[A-Z] .*|COMMIT|\s*)$/;

const isIptables = (text: string): boolean => text.split('\n').every((line) => IPTABLES_LINE.test(line));
const isNft = (text: string): boolean => text.trim() === '' || nftObjects(text) !== null;

/** Dumps that are text, and what tells that they can be taken apart. */
const READABLE: Readonly<Partial<Record<keyof NetnsState, (text: string) => boolean>>> = {
  iptablesNft: isIptables,
  ip6tablesNft: isIptables,
  iptablesLegacy: isIptables,
  ip6tablesLegacy: isIptables,
  ebtablesLegacy: isIptables,
  ebtablesNft: isIptables,
  arptablesLegacy: isIptables,
  arptablesNft: isIptables,
  nftables: isNft,
};

/**
 * One artifact, redacted. One that cannot be taken apart is left out and becomes an error artifact.
 * @param leftOver whether an original value still stands in a text
 * @returns the artifact, and why it was left out
 */
export const redactPart = (
  name: string,
  artifact: Artifact<unknown>,
  redact: (value: unknown) => unknown,
  leftOver: (text: string) => boolean,
): { readonly artifact: Artifact<unknown>; readonly leftOut: string | null } => {
  const readable = READABLE[name as keyof NetnsState];
  const out = (why: string) => ({
    artifact: {
      ok: false as const,
      reason: 'not-collected' as const,
      message: `left out of a redacted report: ${why}`,
      command: redact(artifact.command) as readonly string[],
      ms: artifact.ms,
    },
    leftOut: why,
  });
  const redacted = redact(artifact) as Artifact<unknown>;
  if (redacted.ok && readable && (typeof redacted.value !== 'string' || !readable(redacted.value)))
    return out('it cannot be read as rules');
  const text = redacted.ok && typeof redacted.value === 'string' ? redacted.value : JSON.stringify(redacted);
  if (leftOver(text)) return out('a value could not be replaced everywhere');
  return { artifact: redacted, leftOut: null };
};
