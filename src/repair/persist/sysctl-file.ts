import type { RepairStep } from '../../model/repair.js';
import { appended, type Edit } from './edit.js';

const SETTING = /^\s*-?\s*([^\s#;=][^=]*?)\s*=\s*(.*?)\s*$/;

/** `net.ipv4.conf.eth0/1.forwarding` and `net/ipv4/conf/eth0.1/forwarding` are one: what comes first separates. */
const canonical = (key: string): string => {
  const slashFirst = key.search(/[./]/) >= 0 && key[key.search(/[./]/)] === '/';
  return slashFirst ? key.replace(/[./]/g, (sign) => (sign === '/' ? '.' : '/')) : key;
};

/** The value that a file of sysctl.d gives a key; `null` when it gives none. @see sysctl.d(5) */
export const settingIn = (text: string, key: string): string | null =>
  text.split('\n').reduce<string | null>((found, line) => {
    const [, name, value] = SETTING.exec(line) ?? [];
    return name !== undefined && value !== undefined && canonical(name) === canonical(key) ? value : found;
  }, null);

/**
 * Our own file of sysctl.d, with the setting of a step.
 * @param text the file up to now; empty when it is new
 * @param later files that are read after ours, in order, by path
 */
export const withSysctl = (text: string, step: RepairStep, later: ReadonlyMap<string, string>): Edit => {
  const setting = step.inner.find((word) => word.includes('=')) ?? '';
  const [key = '', value = ''] = [setting.slice(0, setting.indexOf('=')), setting.slice(setting.indexOf('=') + 1)];
  for (const [path, other] of later) {
    const otherwise = settingIn(other, key);
    if (otherwise !== null && otherwise !== value)
      return { because: `${path} is read later and sets ${key} to ${otherwise}: change it there` };
  }
  const line = `${key} = ${value}`;
  return { text: appended(text, line), line };
};
