import { inNetns } from '../host/in-netns.js';
import { type BoundChain, parseNftChains } from '../parse/nft-chains.js';
import type { Collector } from './collector.js';
import { runArtifact } from './run-artifact.js';

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
    const ruleset = await runArtifact(netns, RULESET, options, (text) => text);
    if (!ruleset.ok || !AT_DEVICE.test(ruleset.value)) return ruleset;
    const chains = await runArtifact(netns, CHAINS, options, parseNftChains);
    return chains.ok ? { ...ruleset, value: withDevices(ruleset.value, chains.value) } : ruleset;
  },
};

const withDevices = (json: string, bound: readonly BoundChain[]): string => {
  const filled = (key: string, value: unknown): unknown => {
    if (key !== 'chain' || !isChain(value) || value.dev !== undefined) return value;
    const { family, table, name } = value;
    const own = bound.find((one) => one.family === family && one.table === table && one.chain === name);
    return own === undefined ? value : { ...value, dev: own.devices };
  };
  try {
    return JSON.stringify(JSON.parse(json, filled));
  } catch {
    return json;
  }
};

interface Chain {
  readonly family: string;
  readonly table: string;
  readonly name: string;
  readonly dev?: unknown;
}

const isChain = (value: unknown): value is Chain => typeof value === 'object' && value !== null && 'hook' in value;
