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
  /** What sets devices and addresses: netplan, systemd-networkd, ifupdown; `null` when none of them is used. */
  readonly network: string | null;
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

const networkOwner = async (): Promise<string | null> => {
  const filesOf = async (folder: string, ending: string): Promise<boolean> =>
    (await namesIn(folder)).some((name) => name.endsWith(ending));
  if (await filesOf('/etc/netplan', '.yaml')) return '/etc/netplan (then: netplan apply)';
  if (await filesOf('/etc/systemd/network', '.network')) return '/etc/systemd/network (then: networkctl reload)';
  return (await isRegularFile('/etc/network/interfaces')) ? '/etc/network/interfaces' : null;
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
  for (const [path, text] of sysctl) texts.set(path, text);
  return {
    sysctlFolder: (await namesIn('/etc')).includes('sysctl.d'),
    sysctl,
    rulesV4: await firstOf(RULES_V4, texts),
    rulesV6: await firstOf(RULES_V6, texts),
    nftables: (await isEnabled('nftables')) ? await firstOf(NFTABLES, texts) : null,
    network: await networkOwner(),
    texts,
  };
};
