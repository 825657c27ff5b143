import { errorCode, FileRefused, isRegularFile, listFolder, namesIn, readTextFile } from '../../host/files.js';

const MAX_BYTES = 4 * 1024 * 1024;
const RULES_V4 = ['/etc/iptables/rules.v4', '/etc/sysconfig/iptables'];
const RULES_V6 = ['/etc/iptables/rules.v6', '/etc/sysconfig/ip6tables'];
const NFTABLES = ['/etc/nftables.conf', '/etc/sysconfig/nftables.conf'];
const ENABLED_IN = [
  '/etc/systemd/system/sysinit.target.wants',
  '/etc/systemd/system/multi-user.target.wants',
  '/etc/runlevels/boot',
  '/etc/runlevels/default',
];

/** The files from which this host takes its network settings when it starts. */
export interface HostFiles {
  readonly sysctlFolder: boolean;
  /** Files of `/etc/sysctl.d` and `/etc/sysctl.conf`, by path, in the order in which they are read. */
  readonly sysctl: ReadonlyMap<string, string>;
  /** Files of iptables-save that are loaded at boot; `null` when there are none. */
  readonly rulesV4: string | null;
  readonly rulesV6: string | null;
  /** What nftables.service loads; `null` when it is not enabled. */
  readonly nftables: string | null;
  /** What sets devices, addresses and routes, by path; empty where it is not used. */
  readonly netplan: ReadonlyMap<string, string>;
  readonly networkd: ReadonlyMap<string, string>;
  readonly ifupdown: ReadonlyMap<string, string>;
  /** Folders for files beside those of systemd-networkd that are there. */
  readonly dropInFolders: ReadonlySet<string>;
  /** Texts of all of them, by path. */
  readonly texts: ReadonlyMap<string, string>;
}

/** Text of a settings file; `null` when it is not there, or is a link and so somebody else's to change. */
const textOf = async (path: string): Promise<string | null> => {
  if (!(await isRegularFile(path))) return null;
  return readTextFile(path, MAX_BYTES).catch((error: unknown) => {
    if (error instanceof FileRefused || errorCode(error) === 'ENOENT') return null;
    throw error;
  });
};

const firstOf = async (paths: readonly string[], texts: Map<string, string>): Promise<string | null> => {
  for (const path of paths) {
    const text = await textOf(path);
    if (text === null) continue;
    texts.set(path, text);
    return path;
  }
  return null;
};

const isEnabled = async (service: string): Promise<boolean> => {
  for (const folder of ENABLED_IN)
    if ((await namesIn(folder)).some((name) => name === service || name === `${service}.service`)) return true;
  return false;
};

const textsIn = async (folders: readonly string[], ending: string): Promise<Map<string, string>> => {
  const texts = new Map<string, string>();
  const seen = new Set<string>();
  for (const folder of folders)
    for (const name of (await namesIn(folder)).toSorted()) {
      if (!name.endsWith(ending) || seen.has(name)) continue;
      seen.add(name);
      const text = await textOf(`${folder}/${name}`);
      if (text !== null) texts.set(`${folder}/${name}`, text);
    }
  return texts;
};

/** A file of one folder hides one of the same name in those behind it. @see systemd.network(5) */
const NETWORKD = ['/etc/systemd/network', '/run/systemd/network', '/usr/lib/systemd/network'] as const;

/** Those that come with systemd are for its own containers: a host that has no others does not use it. */
const networkdTexts = async (): Promise<ReadonlyMap<string, string>> => {
  const texts = await textsIn(NETWORKD, '.network');
  return [...texts.keys()].some((path) => path.startsWith('/etc/')) ? texts : new Map();
};

/** `interfaces`, and the files of the folder that it names. @see interfaces(5) */
const ifupdownTexts = async (): Promise<ReadonlyMap<string, string>> => {
  const [main, folder] = ['/etc/network/interfaces', '/etc/network/interfaces.d'];
  const text = await textOf(main);
  if (text === null) return new Map();
  const isSourced = /^\s*source(?:-directory)?\s+(?:\/etc\/network\/)?interfaces\.d(?:\/\*)?\s*$/m.test(text);
  return new Map([[main, text], ...(isSourced ? await textsIn([folder], '') : [])]);
};

/** Reads which of the known places this host keeps its network settings in. @throws the system's error */
export const readHostFiles = async (): Promise<HostFiles> => {
  const texts = new Map<string, string>();
  const sysctl = new Map<string, string>();
  const names = (await listFolder('/etc/sysctl.d')).map(({ name }) => `/etc/sysctl.d/${name}`);
  for (const path of [...names.filter((name) => name.endsWith('.conf')), '/etc/sysctl.conf']) {
    const text = await textOf(path);
    if (text !== null) sysctl.set(path, text);
  }
  const network = {
    netplan: await textsIn(['/etc/netplan'], '.yaml'),
    networkd: await networkdTexts(),
    ifupdown: await ifupdownTexts(),
  };
  for (const some of [sysctl, ...Object.values(network)]) for (const [path, text] of some) texts.set(path, text);
  return {
    sysctlFolder: (await namesIn('/etc')).includes('sysctl.d'),
    sysctl,
    rulesV4: await firstOf(RULES_V4, texts),
    rulesV6: await firstOf(RULES_V6, texts),
    nftables: (await isEnabled('nftables')) ? await firstOf(NFTABLES, texts) : null,
    ...network,
    dropInFolders: new Set((await namesIn(NETWORKD[0])).map((name) => `${NETWORKD[0]}/${name}`)),
    texts,
  };
};
