import type { CommandRunner } from '../host/command-batch.js';
import { inNetns } from '../host/in-netns.js';
import type { Artifact } from '../model/artifact.js';
import type { NetnsRef } from '../model/netns.js';
import type { Argv, CollectOptions, Collector } from './collector.js';
import { hasModule, LOADED, MODULE_COMMANDS, WHOLE_KERNEL } from './kernel-modules.js';
import { runArtifact } from './run-artifact.js';

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
const ebtablesAsked = new WeakMap<CommandRunner, Promise<Artifact<string>>>();

/** No rules where the kernel has no tables of the legacy back-end; a failure where it may have some. */
const askWhetherNone = (netns: NetnsRef, program: Program, options: CollectOptions): Promise<Artifact<string>> => {
  if (program === 'arptables') return noArpTables(netns, options);
  const { run } = options;
  const asked = (run && ebtablesAsked.get(run)) ?? noEbtables(options);
  if (run) ebtablesAsked.set(run, asked);
  return asked;
};

const noArpTables = async (netns: NetnsRef, options: CollectOptions): Promise<Artifact<string>> => {
  const names = await runArtifact(netns, ARP_TABLES, options, (text) => text.trim());
  if (names.ok) return names.value === '' ? names : mayHaveSome(names);
  return /No such file/.test(names.message) ? { ok: true, value: '', command: names.command, ms: names.ms } : names;
};

/** There is no file in /proc that lists the tables of ebtables: they are modules, or built in. */
const noEbtables = async (options: CollectOptions): Promise<Artifact<string>> => {
  const has = await hasModule(['ebtable_broute', 'ebtable_filter', 'ebtable_nat'], options);
  if (has !== null)
    return has ? mayHaveSome({ command: LOADED, ms: 0 }) : { ok: true, value: '', command: LOADED, ms: 0 };
  const config = await runArtifact(WHOLE_KERNEL, CONFIG, options, (text) => text);
  if (!config.ok) return config;
  return config.value === '' || /^CONFIG_BRIDGE_EBT_T_.*=y/m.test(config.value)
    ? mayHaveSome(config)
    : { ...config, value: '' };
};

const mayHaveSome = ({ command, ms }: Pick<Artifact<string>, 'command' | 'ms'>): Artifact<string> => ({
  ok: false,
  reason: 'failed',
  message: 'the kernel may have tables of the legacy back-end',
  command,
  ms,
});

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
  collect: async (netns, options) => {
    const none = await askWhetherNone(netns, program, options);
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
