import { withoutOrInstead } from './nft-rewrite.js';

/** A base chain that is bound to devices. */
export interface BoundChain {
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  readonly devices: readonly string[];
}

const TABLE = /^table (\S+) (\S+) \{/;
const CHAIN = /^\s+chain (\S+) \{/;
const BOUND = /\bhook (?:ingress|egress) devices? (?:= )?(\{[^}]*\}|"[^"]+"|\S+)/;

/** The tables of `nft list tables`, in order. What is no table is passed over. */
export const parseNftTables = (text: string): readonly { readonly family: string; readonly name: string }[] =>
  text.split('\n').flatMap((line) => {
    const [, family, name] = /^table (\S+) (\S+)/.exec(line) ?? [];
    return family === undefined || name === undefined ? [] : [{ family, name }];
  });

/** The chains of `nft list chains` that name devices, which `nft -j` before 1.0.9 leaves out. What is no chain is passed over. */
export const parseNftChains = (text: string): readonly BoundChain[] => {
  const found: BoundChain[] = [];
  let [family, table, chain] = ['', '', ''];
  for (const line of text.split('\n')) {
    const [, tableFamily, tableName] = TABLE.exec(line) ?? [];
    const name = CHAIN.exec(line)?.[1];
    const bound = BOUND.exec(line)?.[1];
    if (tableFamily !== undefined && tableName !== undefined) [family, table] = [tableFamily, tableName];
    else if (name !== undefined) chain = name;
    else if (bound !== undefined) {
      const devices = bound
        .replaceAll(/[{}"]/g, ' ')
        .split(/[\s,]+/)
        .filter((device) => device !== '');
      found.push({ family, table, chain, devices });
    }
  }
  return found;
};

/** A ruleset in JSON with the devices of its base chains filled in; text that is no JSON stays as it is. */
export const withDevices = (json: string, bound: readonly BoundChain[]): string =>
  withoutOrInstead(json, ({ kind, body }) => {
    if (kind !== 'chain' || !('hook' in body) || body['dev'] !== undefined) return body;
    const own = bound.find(
      ({ family, table, chain }) => family === body['family'] && table === body['table'] && chain === body['name'],
    );
    return own === undefined ? body : { ...body, dev: own.devices };
  });
