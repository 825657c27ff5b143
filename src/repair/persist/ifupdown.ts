import { shellQuote } from '../../model/inert.js';
import type { RepairStep } from '../../model/repair.js';
import { type Choice, inserted } from './edit.js';
import type { NetworkSetting } from './network-setting.js';

const STANZA = /^\s*(?:iface|auto|allow-\S+|mapping|source|source-directory|template|no-auto-down|no-scripts)\b/;

/**
 * The stanza of the device in a file of ifupdown, with the command of the step among those that it runs when the device
 * comes up. `null` where no file has one.
 * @param texts `interfaces` and what it sources, by path
 * @see interfaces(5)
 */
export const inIfupdown = (
  { inner }: RepairStep,
  setting: NetworkSetting,
  texts: ReadonlyMap<string, string>,
): Choice | null => {
  const { device } = setting;
  const isOwn = (line: string): boolean => line.trim().split(/\s+/).slice(0, 2).join(' ') === `iface ${device}`;
  const [path] = [...texts].find(([, text]) => text.split('\n').some(isOwn)) ?? [];
  if (path === undefined) return null;
  if (setting.kind !== 'up')
    return {
      path,
      edit: (text) => {
        const lines = text.split('\n');
        const line = `    up ${shellQuote(inner)}`;
        return { text: inserted(lines, endOf(lines, lines.findIndex(isOwn)), line), line: line.trim() };
      },
    };
  if ([...texts.values()].some((text) => isBroughtUp(text, device)))
    return { kept: `${path}: ifupdown sets ${device} up` };
  return {
    path,
    edit: (text) => {
      const lines = text.split('\n');
      return { text: inserted(lines, lines.findIndex(isOwn), `auto ${device}`), line: `auto ${device}` };
    },
  };
};

const isBroughtUp = (text: string, device: string): boolean =>
  text.split('\n').some((line) => {
    const [word = '', ...devices] = line.trim().split(/\s+/);
    return /^(?:auto|allow-auto|allow-hotplug)$/.test(word) && devices.includes(device);
  });

/** Index after the last option of the stanza that begins at `start`. */
const endOf = (lines: readonly string[], start: number): number => {
  const next = lines.findIndex((line, index) => index > start && STANZA.test(line));
  const body = lines.slice(start + 1, next < 0 ? lines.length : next);
  const last = body.findLastIndex((line) => line.trim() !== '' && !line.trim().startsWith('#'));
  return start + 2 + last;
};
