import type { RepairStep } from '../../model/repair.js';

/** What a step sets at a device, in no tool's words. */
export type NetworkSetting =
  | { readonly kind: 'address'; readonly device: string; readonly address: string }
  | { readonly kind: 'route'; readonly device: string; readonly route: RouteWords }
  | { readonly kind: 'mtu'; readonly device: string; readonly mtu: number }
  | { readonly kind: 'master'; readonly device: string; readonly bridge: string }
  | { readonly kind: 'up'; readonly device: string };

export interface RouteWords {
  /** `default`, or an address with its length. */
  readonly to: string;
  readonly via: string | null;
  readonly metric: string | null;
  readonly source: string | null;
  readonly table: string | null;
  readonly onLink: boolean;
}

const TAKEN_OUT = 'what sets it at boot sets it again: take it out there';

/** A setting that can be kept, or why it cannot. */
export const networkSettingOf = ({ inner }: RepairStep): NetworkSetting | { readonly because: string } => {
  const [program, object = '', verb = '', ...rest] = inner.filter((word) => word !== '-4' && word !== '-6');
  if (program !== 'ip') return { because: `no network settings of a host hold what ${program} changes` };
  if (verb === 'del') return { because: TAKEN_OUT };
  if (object === 'link') return linkSetting(rest);
  if ((object === 'addr' || object === 'address') && verb === 'add' && rest[1] === 'dev' && rest.length === 3)
    return { kind: 'address', device: rest[2] ?? '', address: rest[0] ?? '' };
  if (object === 'route') return routeSetting(rest);
  return { because: `its words have none in the network settings: ${inner.join(' ')}` };
};

const linkSetting = (words: readonly string[]): NetworkSetting | { readonly because: string } => {
  const [device = '', setting, value = ''] = words[0] === 'dev' ? words.slice(1) : words;
  if (setting === 'up') return { kind: 'up', device };
  if (setting === 'mtu') return { kind: 'mtu', device, mtu: Number(value) };
  if (setting === 'master') return { kind: 'master', device, bridge: value };
  return { because: `${setting} of ${device} is set by what makes the device` };
};

const NO_DEVICE = { because: 'the route belongs to no device, whose settings could hold it' };

/** Words of a route that say how it came to be, and are no setting of it. */
const HOW = new Set(['proto', 'scope']);

const routeSetting = ([to = '', ...words]: readonly string[]): NetworkSetting | { readonly because: string } => {
  if (!/^(?:default|[\da-f.:]+(?:\/\d+)?)$/i.test(to)) return NO_DEVICE;
  const known = new Map<string, string>();
  let onLink = false;
  for (let at = 0; at < words.length; at += 2) {
    const [word = '', value = ''] = words.slice(at);
    if (word === 'onlink') {
      onLink = true;
      at -= 1;
    } else if (['via', 'dev', 'metric', 'src', 'table'].includes(word)) known.set(word, value);
    else if (!HOW.has(word)) return { because: `the route has words that settings files have none for: ${word}` };
  }
  const device = known.get('dev');
  if (device === undefined) return NO_DEVICE;
  const word = (name: string): string | null => known.get(name) ?? null;
  return {
    kind: 'route',
    device,
    route: { to, via: word('via'), metric: word('metric'), source: word('src'), table: word('table'), onLink },
  };
};
