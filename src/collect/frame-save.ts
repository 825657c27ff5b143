import type { CommandRunner } from '../host/command-batch.js';
import { inNetns } from '../host/in-netns.js';
import type { Artifact } from '../model/artifact.js';
import type { NetnsRef } from '../model/netns.js';
import type { Argv, CollectOptions, Collector } from './collector.js';
import { hasModule, LOADED, MODULE_COMMANDS, WHOLE_KERNEL } from './kernel-modules.js';
import { runArtifact } from './run-artifact.js';
import { tableNames } from './table-names.js';

type Program = 'ebtables' | 'arptables';

/** A collector whose artifact is the text of one dump. */
type TextCollector = Pick<Collector<'ebtablesNft'>, 'commands' | 'collect'>;

/** The kernel lists those of a namespace, once somebody has asked for one. */
const ARP_TABLES: Argv = ['cat', '/proc/net/arp_tables_names'];

/** What a kernel without modules is made of. */
const CONFIG: Argv = ['gzip', '-cd', '/proc/config.gz'];

/** The commands that tell whether the legacy back-end has tables. The kernel has those of ebtables for every namespace. */
const tablesAsked = (netns: Pick<NetnsRef, 'id' | 'path'>, program: Program): readonly Argv[] =>
  program === 'ebtables' ? [...MODULE_COMMANDS, CONFIG] : [inNetns(netns, ARP_TABLES)];

/** What the kernel said of ebtables, for each runner: it is asked once. */
const ebtablesAsked = new WeakMap<CommandRunner, Promise<Artifact<string> | null>>();

/** No rules, where the kernel has no tables of the legacy back-end; `null` where it may have some. */
const noRules = async (
  netns: NetnsRef,
  program: Program,
  options: CollectOptions,
): Promise<Artifact<string> | null> => {
  if (program === 'arptables') {
    const names = await tableNames(netns, ARP_TABLES, options);
    return names.ok && names.value === '' ? names : null;
  }
  const { run } = options;
  const asked = (run && ebtablesAsked.get(run)) ?? noEbtables(options);
  if (run) ebtablesAsked.set(run, asked);
  return asked;
};

/** There is no file in /proc that lists the tables of ebtables: they are modules, or built in. */
const noEbtables = async (options: CollectOptions): Promise<Artifact<string> | null> => {
  const has = await hasModule(['ebtable_broute', 'ebtable_filter', 'ebtable_nat'], options);
  if (has !== null) return has ? null : { ok: true, value: '', command: LOADED, ms: 0 };
  const config = await runArtifact(WHOLE_KERNEL, CONFIG, options, (text) => text);
  const isTold = config.ok && config.value !== '' && !/^CONFIG_BRIDGE_EBT_T_.*=y/m.test(config.value);
  return isTold ? { ...config, value: '' } : null;
};

/** Rules of the nft back-end. */
export const nftFrames = (program: Program): TextCollector => ({
  commands: (netns) => [inNetns(netns, [`${program}-nft-save`, '-c'])],
  collect: (netns, options) => runSave(netns, program, 'nft', options),
});

/**
 * Rules of the legacy back-end; the script that prints those of ebtables takes no option for counters. Asking may load its
 * module: it is asked only where the kernel has its tables.
 */
export const legacyFrames = (program: Program): TextCollector => ({
  commands: (netns) => [inNetns(netns, legacyArgv(program)), ...tablesAsked(netns, program)],
  collect: async (netns, options) =>
    (await noRules(netns, program, options)) ?? runSave(netns, program, 'legacy', options),
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
