import { release } from 'node:os';
import type { CommandRunner } from '../host/command-batch.js';
import { inNetns } from '../host/in-netns.js';
import type { Artifact } from '../model/artifact.js';
import type { NetnsRef } from '../model/netns.js';
import type { Argv, CollectOptions, Collector } from './collector.js';
import { runArtifact } from './run-artifact.js';

const OWN_NETNS = { id: 'host', path: '' };

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

/** The command that succeeds where the legacy back-end has no tables. The kernel has those of ebtables for every namespace. */
const hasNone = (netns: Pick<NetnsRef, 'id' | 'path'>, program: Program): Argv =>
  program === 'ebtables' ? NO_EBTABLES : inNetns(netns, NO_ARPTABLES);

/** What the kernel said of ebtables, for each runner: it is asked once. */
const ebtablesAsked = new WeakMap<CommandRunner, Promise<Artifact<string>>>();

const askWhetherNone = (netns: NetnsRef, program: Program, options: CollectOptions): Promise<Artifact<string>> => {
  const ask = (place: Pick<NetnsRef, 'id' | 'path'>, argv: Argv) => runArtifact(place, argv, options, () => '');
  if (program === 'arptables') return ask(netns, NO_ARPTABLES);
  const { run } = options;
  const asked = (run && ebtablesAsked.get(run)) ?? ask(OWN_NETNS, NO_EBTABLES);
  if (run) ebtablesAsked.set(run, asked);
  return asked;
};

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
  commands: (netns) => [inNetns(netns, legacyArgv(program)), hasNone(netns, program)],
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
