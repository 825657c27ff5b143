import { isHostAlias } from '../../model/host-aliases.js';
import type { Run } from '../../model/run.js';
import { parseIp } from './ip.js';
import type { NameKind } from './name-book.js';

export interface FoundName {
  readonly kind: NameKind;
  readonly name: string;
}

/** The names that a run itself says are names: the host, the target, namespaces, the destination, search domains. */
export const collectNames = (run: Run): readonly FoundName[] => {
  const found: FoundName[] = [];
  const add = (kind: NameKind, name: string | null | undefined) => {
    if (name && !isHostAlias(name)) found.push({ kind, name });
  };
  const { target, evidence } = run;
  for (const host of new Set([run.run.hostname, evidence?.hostname])) {
    add('host', host);
    add('host', host?.split('.')[0]);
  }
  const kind: NameKind = ['pid', 'netns', 'path'].includes(target.kind) ? 'netns' : 'container';
  add(kind, target.name);
  add(kind, target.spelled.includes('/') ? lastPart(target.spelled) : lastWord(target.spelled));
  add('netns', lastPart(target.netnsPath));
  add('container', lastPart(evidence?.probeSettings.controlGroup ?? ''));
  for (const network of target.networks ?? []) if (!BUILT_IN.has(network)) add('container', network);
  for (const netns of evidence?.netns ?? []) {
    if (netns.id !== 'host') add('netns', netns.name);
    if (netns.id !== 'host') add('netns', lastPart(netns.path));
  }
  for (const text of [run.flow.destinationText, ...run.run.argv]) add('dns', hostOf(text));
  add('dns', run.flow.dns?.name);
  for (const state of Object.values(evidence?.before ?? {}))
    if (state.resolvConf?.ok) for (const domain of state.resolvConf.value.search) add('dns', domain);
  return found;
};

/** Networks that every host with Docker or Podman has. */
const BUILT_IN = new Set(['bridge', 'host', 'none', 'podman', 'cni']);

const lastPart = (path: string): string | undefined => path.split('/').at(-1);
const lastWord = (spelled: string): string | undefined => spelled.split(':').at(-1);

/** The host of a URL or of `host:port`, where it is a name with a dot or comes with a scheme; else nothing. */
const hostOf = (text: string): string | null => {
  const match = /^(?:[a-z]+:\/\/)?(?:[^/@]*@)?([A-Za-z0-9_][A-Za-z0-9_.-]*)(?::\d+)?(?:\/.*)?$/.exec(text);
  const host = match?.[1] ?? null;
  if (host === null || parseIp(host) !== null) return null;
  return text.includes('://') || host.includes('.') ? host : null;
};
