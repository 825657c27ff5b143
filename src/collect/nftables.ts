import { inNetns } from '../host/in-netns.js';
import { parseNftChains, withDevices } from '../parse/nft-chains.js';
import { withoutOrInstead } from '../parse/nft-rewrite.js';
import type { Collector } from './collector.js';
import { runArtifact } from './run-artifact.js';

/** Tables by which this program has its own packets traced decide nothing, and come and go. */
const OWN_TABLE = 'vethoscope_trace_';

const RULESET = ['nft', '-j', 'list', 'ruleset'];
const CHAINS = ['nft', 'list', 'chains'];

const AT_DEVICE = /"hook": ?"(?:ingress|egress)"/;

/**
 * All rules of nftables. Where chains are bound to devices and the JSON does not say to which, as before nft 1.0.9, the
 * devices are filled in from the plain listing.
 */
export const nftables: Collector<'nftables'> = {
  artifact: 'nftables',
  commands: (netns) => [inNetns(netns, RULESET), inNetns(netns, CHAINS)],
  collect: async (netns, options) => {
    const ruleset = await runArtifact(netns, RULESET, { ...options, long: true }, (text) =>
      text.includes(OWN_TABLE) ? withoutOwnTables(text) : text,
    );
    if (!ruleset.ok || !AT_DEVICE.test(ruleset.value)) return ruleset;
    const chains = await runArtifact(netns, CHAINS, options, parseNftChains);
    return chains.ok ? { ...ruleset, value: withDevices(ruleset.value, chains.value) } : ruleset;
  },
};

/** The dump without the tables of this program; as it came where it is no JSON. */
export const withoutOwnTables = (text: string): string =>
  withoutOrInstead(text, ({ kind, body }) => {
    const table = kind === 'table' ? body['name'] : body['table'];
    return typeof table === 'string' && table.startsWith(OWN_TABLE) ? null : body;
  });
