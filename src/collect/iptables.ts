import { inNetns } from '../host/in-netns.js';
import type { Artifact } from '../model/artifact.js';
import type { NetnsRef } from '../model/netns.js';
import type { Argv, CollectOptions, Collector } from './collector.js';
import { runArtifact } from './run-artifact.js';
import { tableNames } from './table-names.js';

type Program = 'iptables' | 'ip6tables';

const NAMES_FILE = { iptables: '/proc/net/ip_tables_names', ip6tables: '/proc/net/ip6_tables_names' } as const;

/** A collector whose artifact is the text of one dump. */
type TextCollector = Pick<Collector<'iptablesNft'>, 'commands' | 'collect'>;

/** Rules of the nft back-end. */
export const nftBackend = (program: Program): TextCollector => ({
  commands: (netns) => [inNetns(netns, [`${program}-nft-save`, '-c'])],
  collect: (netns, options) => runSave(netns, program, 'nf_tables', options),
});

/**
 * Rules of the legacy back-end. Asking it about one table would create that table in the kernel, and running it may load
 * its module: it is only run, and without `-t`, where the kernel lists tables.
 */
export const legacyBackend = (program: Program): TextCollector => {
  const readNames = ['cat', NAMES_FILE[program]];
  return {
    commands: (netns) => [inNetns(netns, [`${program}-legacy-save`, '-c']), inNetns(netns, readNames)],
    collect: async (netns, options) => {
      const names = await tableNames(netns, readNames, options);
      return names.ok && names.value !== '' ? runSave(netns, program, 'legacy', options) : names;
    },
  };
};

const SUFFIX = { nf_tables: 'nft', legacy: 'legacy' } as const;

/** A host may have only the plain name for one of the two back-ends: its version banner says for which. */
const runSave = async (
  netns: NetnsRef,
  program: Program,
  backend: keyof typeof SUFFIX,
  options: CollectOptions,
): Promise<Artifact<string>> => {
  const run = (argv: Argv): Promise<Artifact<string>> =>
    runArtifact(netns, argv, { ...options, long: true }, (text) => text);
  const named = await run([`${program}-${SUFFIX[backend]}-save`, '-c']);
  if (named.ok || named.reason !== 'missing-tool') return named;
  const banner = await run([`${program}-save`, '--version']);
  if (!banner.ok || bannerBackend(banner.value) !== backend) return named;
  return run([`${program}-save`, '-c']);
};

/** Before 1.8 there was one back-end, and no name for it in the banner. */
const bannerBackend = (banner: string): keyof typeof SUFFIX => (banner.includes('nf_tables') ? 'nf_tables' : 'legacy');
