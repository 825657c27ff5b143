import type { Limit } from '../model/evidence.js';
import type { NetnsRef } from '../model/netns.js';
import type { CaptureReport } from '../model/packet.js';
import type { Path } from '../model/path.js';
import type { NetnsState } from '../model/state.js';

const PACKAGES: Readonly<Record<string, string>> = {
  'arptables-legacy-save': 'arptables',
  bridge: 'iproute2',
  conntrack: 'conntrack',
  'ebtables-legacy-save': 'ebtables',
  ip: 'iproute2',
  'ip6tables-legacy-save': 'iptables',
  'ip6tables-nft-save': 'iptables',
  'iptables-legacy-save': 'iptables',
  'iptables-nft-save': 'iptables',
  nft: 'nftables',
  ss: 'iproute2',
  tc: 'iproute2',
};

/** Rules that nft shows as well, all but the options of some. */
const NFT_SHOWS_IT: ReadonlySet<string> = new Set(['ebtablesNft', 'arptablesNft']);

/** Programs that a capture is started by, and tcpdump itself. */
const CAPTURE_PACKAGES: Readonly<Record<string, string>> = {
  nsenter: 'util-linux',
  setpriv: 'util-linux',
  tcpdump: 'tcpdump',
  timeout: 'coreutils',
};

/** That a program which every capture needs is missing, so that no packet was seen at any hop; `null` where one ran. */
export const withoutCaptures = (captures: readonly CaptureReport[]): Limit | null => {
  const [first] = captures;
  if (!first || captures.some(({ failure }) => failure !== 'missing-tool')) return null;
  const why = first.error ?? 'tcpdump is not installed';
  const debian = CAPTURE_PACKAGES[why.split(' ')[0] ?? ''];
  return {
    what: 'captures',
    why: `${why}: no packet was seen at any device, only the kernel's events and counters tell`,
    install: debian === undefined ? null : `apt-get install ${debian}`,
  };
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
        if (value.reason === 'missing-tool' && NFT_SHOWS_IT.has(artifact)) continue;
        const tool = value.command.find((word: string) => PACKAGES[word] !== undefined) ?? null;
        const what = value.reason === 'missing-tool' && tool ? tool : `${artifact} of ${name}`;
        const debian = tool === null ? null : (PACKAGES[tool] ?? null);
        const install = value.reason === 'missing-tool' && debian ? `apt-get install ${debian}` : null;
        limits.set(what, { what, why: value.message, install });
      }
  }
  const none = withoutCaptures(captures);
  if (none) limits.set(none.what, none);
  for (const capture of none ? [] : captures) {
    const hop = path.hops.find((candidate) => candidate.id === capture.hop);
    const what = `capture on ${hop?.ifname ?? capture.hop}`;
    if (capture.error !== null) limits.set(what, { what, why: capture.error, install: null });
    else if (capture.droppedByKernel !== null && capture.droppedByKernel > 0)
      limits.set(what, { what, why: `the capture itself lost ${capture.droppedByKernel} packets`, install: null });
  }
  return [...limits.values()];
};
