import { parseDocument, stringify } from 'yaml';
import type { Choice } from './edit.js';
import { matchesGlob } from './glob.js';
import type { NetworkSetting } from './network-setting.js';

type Tree = Readonly<Record<string, unknown>>;

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);
const treeIn = (value: unknown, key: string): Tree => {
  const found = isTree(value) ? value[key] : undefined;
  return isTree(found) ? found : {};
};
const listIn = (value: Tree, key: string): readonly unknown[] => {
  const found = value[key];
  return Array.isArray(found) ? found : [];
};

/** The tree of a YAML file; empty for a damaged one, which netplan does not read either. */
const treeOf = (text: string): Tree => {
  const document = parseDocument(text);
  const value: unknown = document.errors.length > 0 ? null : document.toJS();
  return isTree(value) ? value : {};
};

const NO_KINDS = new Set(['version', 'renderer', 'openvswitch']);

interface Definition {
  readonly path: string;
  /** `ethernets`, `bridges`, … */
  readonly kind: string;
  readonly id: string;
}

const isFor = (id: string, definition: unknown, device: string): boolean => {
  if (!isTree(definition) || !isTree(definition['match'])) return id === device;
  const { name } = definition['match'];
  return definition['set-name'] === device || (typeof name === 'string' && matchesGlob(device, name));
};

const definitionOf = (device: string, texts: ReadonlyMap<string, string>): Definition | null => {
  for (const [path, text] of texts)
    for (const [kind, devices] of Object.entries(treeIn(treeOf(text), 'network'))) {
      if (NO_KINDS.has(kind) || !isTree(devices)) continue;
      const [id] = Object.entries(devices).find(([name, definition]) => isFor(name, definition, device)) ?? [];
      if (id !== undefined) return { path, kind, id };
    }
  return null;
};

/**
 * A file of ours, which netplan puts on top of the one that defines the device. `null` where none defines it.
 * @param texts the files of `/etc/netplan`, by path
 * @see netplan(5): lists of several files are joined; a later file's value replaces an earlier one's
 */
export const inNetplan = (setting: NetworkSetting, texts: ReadonlyMap<string, string>, run: string): Choice | null => {
  const own = definitionOf(setting.device, texts);
  if (own === null) return null;
  if (setting.kind === 'up') return { kept: `${own.path}: netplan sets ${setting.device} up` };
  const at = setting.kind === 'master' ? definitionOf(setting.bridge, texts) : own;
  if (at === null || (setting.kind === 'master' && at.kind !== 'bridges'))
    return { because: `${own.path} defines ${setting.device}, but no file of netplan its bridge` };
  return {
    path: `/etc/netplan/99-vethoscope-${run}.yaml`,
    // netplan warns of files that others may read: they may hold passwords.
    mode: 0o600,
    edit: (text) => {
      const network = treeIn(treeOf(text), 'network');
      const devices = treeIn(network, at.kind);
      const device = withSetting(treeIn(devices, at.id), setting, own.id);
      const after = { network: { version: 2, ...network, [at.kind]: { ...devices, [at.id]: device } } };
      return { text: stringify(after), line: `${at.kind}: ${at.id}: ${wordsOf(setting, own.id)}` };
    },
  };
};

const routeOf = ({ route }: Extract<NetworkSetting, { readonly kind: 'route' }>): Tree => ({
  to: route.to,
  ...(route.via === null ? { scope: 'link' } : { via: route.via }),
  ...(route.metric === null ? {} : { metric: Number(route.metric) }),
  ...(route.source === null ? {} : { from: route.source }),
  ...(route.table === null ? {} : { table: Number(route.table) }),
  ...(route.onLink ? { 'on-link': true } : {}),
});

const withSetting = (device: Tree, setting: Exclude<NetworkSetting, { readonly kind: 'up' }>, port: string): Tree => {
  if (setting.kind === 'mtu') return { ...device, mtu: setting.mtu };
  const [key, value] = listed(setting, port);
  return { ...device, [key]: [...listIn(device, key), value] };
};

const listed = (
  setting: Extract<NetworkSetting, { readonly kind: 'address' | 'route' | 'master' }>,
  port: string,
): readonly [string, unknown] => {
  if (setting.kind === 'address') return ['addresses', setting.address];
  return setting.kind === 'master' ? ['interfaces', port] : ['routes', routeOf(setting)];
};

const wordsOf = (setting: Exclude<NetworkSetting, { readonly kind: 'up' }>, port: string): string => {
  if (setting.kind === 'mtu') return `mtu: ${setting.mtu}`;
  const [key, value] = listed(setting, port);
  return `${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`;
};
