import { inNetns } from '../host/in-netns.js';
import type { Artifact } from '../model/artifact.js';
import type { NetnsRef } from '../model/netns.js';
import { parseNftChains, parseNftTables, withDevices } from '../parse/nft-chains.js';
import { joinedRulesets, withoutOrInstead } from '../parse/nft-rewrite.js';
import { ParseError } from '../parse/parse-error.js';
import type { CollectOptions, Collector } from './collector.js';
import { parseArtifact, runArtifact } from './run-artifact.js';

/** Tables by which this program has its own packets traced decide nothing, and come and go. */
const OWN_TABLE = 'vethoscope_trace_';

const RULESET = ['nft', '-j', 'list', 'ruleset'];
const CHAINS = ['nft', 'list', 'chains'];
const TABLES = ['nft', 'list', 'tables'];

/** Characters at the end of a dump that may be space. */
const MOST_SPACE = 16;

const AT_DEVICE = /"hook": ?"(?:ingress|egress)"/;

/**
 * All rules of nftables. Where chains are bound to devices and the JSON does not say to which, as before nft 1.0.9, the
 * devices are filled in from the plain listing.
 */
export const nftables: Collector<'nftables'> = {
  artifact: 'nftables',
  commands: (netns) => [inNetns(netns, RULESET), inNetns(netns, CHAINS)],
  collect: async (netns, options) => {
    const whole = await runArtifact(netns, RULESET, { ...options, long: true }, (text) =>
      text.includes(OWN_TABLE) ? withoutOwnTables(text) : text,
    );
    const ruleset = whole.ok && isCutOff(whole.value) ? await tableByTable(netns, options) : whole;
    if (!ruleset.ok || !AT_DEVICE.test(ruleset.value)) return ruleset;
    const chains = await runArtifact(netns, CHAINS, options, parseNftChains);
    return chains.ok ? { ...ruleset, value: withDevices(ruleset.value, chains.value) } : ruleset;
  },
};

/** nft 1.0.6 breaks off, without an error, at a table that has an owner, as those of this program in other runs have. */
const isCutOff = (text: string): boolean => /[^}\s]\s*$/.test(text.slice(-MOST_SPACE));

/** Each table by itself, but those of this program. @returns why one cannot be read, where one cannot */
const tableByTable = async (netns: NetnsRef, options: CollectOptions): Promise<Artifact<string>> => {
  const named = await runArtifact(netns, TABLES, options, parseNftTables);
  if (!named.ok) return named;
  const others = named.value.filter(({ name }) => !name.startsWith(OWN_TABLE));
  const read = await Promise.all(
    others.map(({ family, name }) =>
      runArtifact(netns, ['nft', '-j', 'list', 'table', family, name], options, (text) => {
        if (isCutOff(text))
          throw new ParseError('nft -j list table', null, `cut off: nft cannot show table ${family} ${name}`);
        return text;
      }),
    ),
  );
  const texts: string[] = [];
  for (const table of read) {
    if (!table.ok) return table;
    texts.push(table.value);
  }
  return parseArtifact({ argv: named.command, ms: named.ms }, () => joinedRulesets(texts));
};

/** The dump without the tables of this program; as it came where it is no JSON. */
export const withoutOwnTables = (text: string): string =>
  withoutOrInstead(text, ({ kind, body }) => {
    const table = kind === 'table' ? body['name'] : body['table'];
    return typeof table === 'string' && table.startsWith(OWN_TABLE) ? null : body;
  });
