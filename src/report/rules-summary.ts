import { isRecord } from './unknown.js';

/** Chains of an `iptables-save` text with their policies and how many rules each has. */
export const summariseIptables = (text: string): readonly string[] => {
  const chains = new Map<string, { policy: string; rules: number }>();
  let table = '';
  for (const line of text.split('\n')) {
    const declared = /^:(\S+) (\S+)/.exec(line);
    const added = /^(?:\[\d+:\d+\] )?-A (\S+)/.exec(line);
    if (line.startsWith('*')) table = line.slice(1).trim();
    else if (declared?.[1]) chains.set(`${table} ${declared[1]}`, { policy: declared[2] ?? '-', rules: 0 });
    else if (added?.[1]) {
      const chain = chains.get(`${table} ${added[1]}`);
      if (chain) chain.rules += 1;
    }
  }
  return [...chains].map(
    ([name, { policy, rules }]) => `${name}${policy === '-' ? '' : ` policy ${policy}`}: ${rules} rules`,
  );
};

/** Chains of an `nft -j list ruleset` text with hook, policy and how many rules each has; says so when it is no JSON. */
export const summariseNft = (text: string): readonly string[] => {
  const objects = nftObjects(text);
  if (objects === null) return ['the ruleset cannot be read'];
  const key = (object: Readonly<Record<string, unknown>>, name: string) =>
    `${word(object['family'])} ${word(object['table'])} ${word(name)}`;
  const counts = new Map<string, number>();
  for (const { rule } of objects)
    if (isRecord(rule))
      counts.set(key(rule, word(rule['chain'])), (counts.get(key(rule, word(rule['chain']))) ?? 0) + 1);
  return objects.flatMap(({ chain }) => {
    if (!isRecord(chain)) return [];
    const name = key(chain, word(chain['name']));
    const hook =
      chain['hook'] === undefined
        ? ''
        : ` hook ${word(chain['hook'])} priority ${word(chain['prio'])} policy ${word(chain['policy'] ?? 'accept')}`;
    return [`${name}${hook}: ${counts.get(name) ?? 0} rules`];
  });
};

const word = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '?');

/** The objects of an `nft -j` text; `null` when it is none. */
export const nftObjects = (text: string): readonly Readonly<Record<string, unknown>>[] | null => {
  try {
    const parsed: unknown = JSON.parse(text);
    const objects = isRecord(parsed) ? parsed['nftables'] : null;
    return Array.isArray(objects) ? objects.filter(isRecord) : null;
  } catch {
    return null;
  }
};
