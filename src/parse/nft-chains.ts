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

/** A ruleset in JSON with the devices of its chains filled in; text that is no JSON stays as it is. */
export const withDevices = (json: string, bound: readonly BoundChain[]): string => {
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
