import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ipsetContains } from '../../../src/netfilter/ipset.js';
import { loadNetfilter } from '../../../src/netfilter/load.js';
import type { Hook, HookContext } from '../../../src/netfilter/types.js';
import { walkHook } from '../../../src/netfilter/walk-hook.js';
import { parseIpsetSave } from '../../../src/parse/ipset-save.js';
import { parseIptablesSave, renderIptablesSave } from '../../../src/parse/iptables-save.js';
import { parseNftRuleset } from '../../../src/parse/nft-json.js';
import { netnsState, textbookContext, textbookPacket } from './helpers/state.js';

const FOLDERS = ['managers', 'composed', 'debian'].map(
  (name) => new URL(`../../../fixtures/rulesets/${name}/`, import.meta.url),
);
const files = FOLDERS.flatMap((folder) =>
  readdirSync(folder).map((name) => ({ name, text: readFileSync(new URL(name, folder), 'utf8') })),
);
const saves = files.filter(({ name }) => name.endsWith('.save'));
const rulesets = files.filter(({ name }) => name.endsWith('.json')).map(({ name }) => name.replace('.json', ''));
const textOf = (name: string): string => files.find((file) => file.name === name)?.text ?? '';

const HOOKS: readonly Hook[] = ['prerouting', 'input', 'forward', 'output', 'postrouting'];
/** What no dump tells. */
const OPEN = /rate limit|random or counts|random number|recent addresses|order|runs first/;

const contextOf = (name: string): HookContext => {
  const sets = new Map(parseIpsetSave(textOf(`${name}.ipset`)).map((set) => [set.name, set]));
  return {
    ...textbookContext,
    ipsetContains: (set, packet, directions) => ipsetContains(sets, set, packet, directions),
    reversePathOk: () => true,
  };
};

describe('rulesets that programs make', () => {
  it.each([
    'calico',
    'cni',
    'docker20',
    'docker26',
    'docker28',
    'firewalld',
    'firewalld2',
    'flannel',
    'incus',
    'kube-proxy',
    'kube-proxy-nft',
    'libvirt9',
    'libvirt11',
    'lxd',
    'neutron',
    'podman',
    'podman5',
    'tailscale',
    'ufw',
  ])('are there of %s, two at least', (program) => {
    const own = rulesets.filter((name) => name === program || name.startsWith(`${program}-`));
    expect(own.length).toBeGreaterThanOrEqual(2);
  });

  it.each(saves)('$name renders back to the same text', ({ text }) => {
    expect(renderIptablesSave(parseIptablesSave(text))).toBe(text);
  });

  it.each(rulesets)('%s: every rule of nft is kept, in its table and chain', (name) => {
    const text = textOf(`${name}.json`);
    const { nftables } = JSON.parse(text) as { readonly nftables: readonly { readonly rule?: unknown }[] };
    const { rules } = parseNftRuleset(text);
    expect(rules).toHaveLength(nftables.filter(({ rule }) => rule !== undefined).length);
    expect(rules.every(({ expr }) => expr.length > 0)).toBe(true);
  });

  it.each(rulesets)('%s: a packet is walked through, and what stays open is in no dump', (name) => {
    const state = loadNetfilter(
      netnsState({
        nftables: textOf(`${name}.json`),
        iptablesNft: textOf(`${name}.nft.save`),
        ip6tablesNft: textOf(`${name}.nft6.save`),
        iptablesLegacy: textOf(`${name}.legacy.save`),
      }),
    );
    expect(state.unread).toEqual([]);
    const walks = HOOKS.map((hook) => walkHook(state, hook, textbookPacket, contextOf(name)));
    expect(walks.flatMap(({ met }) => met).length).toBeGreaterThan(0);
    const open = walks.flatMap(({ unknowns }) => unknowns.map(({ because }) => because));
    expect(open.filter((because) => !OPEN.test(because))).toEqual([]);
  });
});
