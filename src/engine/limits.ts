import type { Limit } from '../model/evidence.js';
import type { NetnsRef } from '../model/netns.js';
import type { CaptureReport } from '../model/packet.js';
import type { Path } from '../model/path.js';
import type { NetnsState } from '../model/state.js';

const PACKAGES: Readonly<Record<string, string>> = {
  bridge: 'iproute2',
  conntrack: 'conntrack',
  ip: 'iproute2',
  'ip6tables-legacy-save': 'iptables',
  'ip6tables-nft-save': 'iptables',
  'iptables-legacy-save': 'iptables',
  'iptables-nft-save': 'iptables',
  nft: 'nftables',
  ss: 'iproute2',
  tc: 'iproute2',
};

/** What was not available in a run, once each, and what would provide it. */
export const limitsOf = (
  netns: readonly NetnsRef[],
  path: Path,
  before: Readonly<Record<string, NetnsState>>,
  after: Readonly<Record<string, Partial<NetnsState>>>,
  captures: readonly CaptureReport[],
): readonly Limit[] => {
  const limits = new Map<string, Limit>();
  for (const { id, name } of netns) {
    for (const state of [before[id], after[id]])
      for (const [artifact, value] of Object.entries(state ?? {})) {
        if (value.ok || value.reason === 'not-collected') continue;
        const tool = value.command.find((word: string) => PACKAGES[word] !== undefined) ?? null;
        const what = value.reason === 'missing-tool' && tool ? tool : `${artifact} of ${name}`;
        const debian = tool === null ? null : (PACKAGES[tool] ?? null);
        const install = value.reason === 'missing-tool' && debian ? `apt-get install ${debian}` : null;
        limits.set(what, { what, why: value.message, install });
      }
  }
  for (const capture of captures) {
    const hop = path.hops.find((candidate) => candidate.id === capture.hop);
    const what = `capture on ${hop?.ifname ?? capture.hop}`;
    if (capture.error !== null) limits.set(what, { what, why: capture.error, install: null });
    else if (capture.droppedByKernel !== null && capture.droppedByKernel > 0)
      limits.set(what, { what, why: `the capture itself lost ${capture.droppedByKernel} packets`, install: null });
  }
  return [...limits.values()];
};
