import { release } from 'node:os';
import { inNetns } from '../host/in-netns.js';
import type { Artifact } from '../model/artifact.js';
import type { NetnsRef } from '../model/netns.js';
import type { Argv, CollectOptions, Collector } from './collector.js';
import { runArtifact } from './run-artifact.js';

type Program = 'ebtables' | 'arptables';

/** A collector whose artifact is the text of one dump. */
type TextCollector = Pick<Collector<'ebtablesNft'>, 'commands' | 'collect'>;

/**
 * Fails where the kernel may have tables of the legacy back-end: as a module that is loaded, built in, or in a kernel
 * without modules that does not say what it is made of. There is no file in /proc that lists the tables of ebtables.
 */
const NO_EBTABLES = [
  'sh',
  '-c',
  [
    'if test -e /proc/modules',
    `then ! grep -qsE '^ebtable_(broute|filter|nat) |/ebtable_(broute|filter|nat)\\.ko' /proc/modules /lib/modules/${release()}/modules.builtin`,
    'else config=$(zcat /proc/config.gz 2>/dev/null) && test -n "$config" && ! echo "$config" | grep -q "^CONFIG_BRIDGE_EBT_T_.*=y"',
    'fi',
  ].join('; '),
];

const NO_ARPTABLES = [
  'sh',
  '-c',
  'test ! -s /proc/net/arp_tables_names || test -z "$(cat /proc/net/arp_tables_names)"',
];

const HAS_NONE: Readonly<Record<Program, Argv>> = { ebtables: NO_EBTABLES, arptables: NO_ARPTABLES };

/** Rules of the nft back-end. */
export const nftFrames = (program: Program): TextCollector => ({
  commands: (netns) => [inNetns(netns, [`${program}-nft-save`, '-c'])],
  collect: (netns, options) => runSave(netns, program, 'nft', options),
});

/**
 * Rules of the legacy back-end; the script that prints those of ebtables takes no option for counters. Asking may load its module: it is asked only where the kernel has its
 * tables.
 */
export const legacyFrames = (program: Program): TextCollector => ({
  commands: (netns) => [inNetns(netns, legacyArgv(program)), inNetns(netns, HAS_NONE[program])],
  collect: async (netns, options) => {
    const none = await runArtifact(netns, HAS_NONE[program], options, () => '');
    return none.ok ? none : runSave(netns, program, 'legacy', options);
  },
});

const legacyArgv = (program: Program): Argv =>
  program === 'ebtables' ? ['ebtables-legacy-save'] : ['arptables-legacy-save', '-c'];

/** A host may have only the plain name for one of the two back-ends: its version banner says for which. */
const runSave = async (
  netns: NetnsRef,
  program: Program,
  backend: 'nft' | 'legacy',
  options: CollectOptions,
): Promise<Artifact<string>> => {
  const run = (argv: Argv): Promise<Artifact<string>> => runArtifact(netns, argv, options, (text) => text);
  const named = await run(backend === 'legacy' ? legacyArgv(program) : [`${program}-nft-save`, '-c']);
  if (named.ok || named.reason !== 'missing-tool') return named;
  const banner = await run([program, '--version']);
  if (!banner.ok || (banner.value.includes('nf_tables') ? 'nft' : 'legacy') !== backend) return named;
  return run(backend === 'legacy' && program === 'ebtables' ? ['ebtables-save'] : [`${program}-save`, '-c']);
};
