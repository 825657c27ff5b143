import type { KernelDrop } from '../model/evidence.js';
import type { Proof } from '../model/finding.js';
import type { Located } from '../model/located.js';

/** The kernel's own word on the link where the captures lost the packets, as a proof line; `null` when it has none. */
export const kernelProof = (drops: readonly KernelDrop[], located: Located): Proof | null => {
  const broken = located.way === 'forward' ? located.forwardBreak : located.returnBreak;
  const links = broken ? [broken.link] : located.lossy.map(({ link }) => link);
  const here = drops.filter(
    (drop) => drop.link !== undefined && links.includes(drop.link) && drop.likely === undefined,
  );
  const [first] = here;
  if (!first) return null;
  const where = first.device === null ? '' : ` on ${first.device}`;
  const probes = new Set(here.map((drop) => drop.probe)).size;
  const words = first.words === undefined ? '' : `: ${first.words}`;
  return {
    kind: 'kernel',
    text: `the kernel dropped ${probes} of ${located.sent} probes${where}, ${first.reason} in ${first.function}${words}`,
  };
};
