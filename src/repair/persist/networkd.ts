import type { Choice } from './edit.js';
import { matchesGlob } from './glob.js';
import type { NetworkSetting } from './network-setting.js';

const OURS = '/etc/systemd/network';

/** Values of a key in a section of a unit file. @see systemd.syntax(7) */
const valuesIn = (text: string, section: string, key: string): readonly string[] => {
  const values: string[] = [];
  let current = '';
  for (const line of text.split('\n').map((one) => one.trim())) {
    const [, opened] = /^\[(.+)\]$/.exec(line) ?? [];
    if (opened !== undefined) current = opened;
    const at = line.indexOf('=');
    if (current === section && at > 0 && line.slice(0, at).trim() === key) values.push(line.slice(at + 1).trim());
  }
  return values;
};

const hasSection = (text: string, section: string): boolean => new RegExp(`^\\[${section}\\]\\s*$`, 'm').test(text);

const namesDevice = (patterns: readonly string[], device: string): boolean => {
  const words = patterns.flatMap((value) => value.split(/\s+/)).filter((word) => word !== '');
  const not = words.filter((word) => word.startsWith('!'));
  const yes = words.filter((word) => !word.startsWith('!'));
  return (
    words.length > 0 &&
    !not.some((word) => matchesGlob(device, word.slice(1))) &&
    (yes.length === 0 || yes.some((word) => matchesGlob(device, word)))
  );
};

/**
 * The drop-in of ours beside the file that systemd-networkd reads for the device: the first that matches, by its name.
 * `null` where none is for it.
 * @param texts the `.network` files of all folders, by path
 * @see systemd.network(5)
 */
export const inNetworkd = (setting: NetworkSetting, texts: ReadonlyMap<string, string>, run: string): Choice | null => {
  const { device } = setting;
  const name = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
  const files = [...texts]
    .filter(([path]) => path.endsWith('.network'))
    .toSorted(([a], [b]) => (name(a) < name(b) ? -1 : 1));
  for (const [path, text] of files) {
    const patterns = valuesIn(text, 'Match', 'Name');
    if (patterns.length === 0) {
      if (!hasSection(text, 'Match')) continue;
      return { because: `${path} may be for ${device} as well, which its [Match] does not tell by name` };
    }
    if (!namesDevice(patterns, device)) continue;
    if (setting.kind === 'up') return upIn(path, text, device);
    return {
      path: `${OURS}/${name(path)}.d/99-vethoscope-${run}.conf`,
      edit: (old) => {
        const section = sectionOf(setting);
        return { text: `${old}${old === '' ? '' : '\n'}${section}\n`, line: section.replaceAll('\n', ' ') };
      },
    };
  }
  return null;
};

const upIn = (path: string, text: string, device: string): Choice =>
  valuesIn(text, 'Link', 'ActivationPolicy').some((policy) => policy !== 'up' && policy !== 'always-up') ||
  valuesIn(text, 'Link', 'Unmanaged').some((value) => /^(?:yes|true|1|on)$/i.test(value))
    ? { because: `${path} leaves ${device} as it is: change it there` }
    : { kept: `${path}: systemd-networkd sets ${device} up` };

const sectionOf = (setting: Exclude<NetworkSetting, { readonly kind: 'up' }>): string => {
  if (setting.kind === 'address') return `[Address]\nAddress=${setting.address}`;
  if (setting.kind === 'mtu') return `[Link]\nMTUBytes=${setting.mtu}`;
  if (setting.kind === 'master') return `[Network]\nBridge=${setting.bridge}`;
  const { to, via, metric, source, table, onLink } = setting.route;
  return [
    '[Route]',
    ...(to === 'default' ? [] : [`Destination=${to}`]),
    ...(via === null ? (to === 'default' ? ['Destination=0.0.0.0/0'] : []) : [`Gateway=${via}`]),
    ...(onLink ? ['GatewayOnLink=yes'] : []),
    ...(source === null ? [] : [`PreferredSource=${source}`]),
    ...(metric === null ? [] : [`Metric=${metric}`]),
    ...(table === null ? [] : [`Table=${table}`]),
    ...(via === null ? ['Scope=link'] : []),
  ].join('\n');
};
