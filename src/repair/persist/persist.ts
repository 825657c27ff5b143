import { dirname } from 'node:path';
import type { FileChange, Persistence, RepairStep } from '../../model/repair.js';
import type { Choice } from './edit.js';
import type { HostFiles } from './host-files.js';
import { inIfupdown } from './ifupdown.js';
import { inNetplan } from './netplan.js';
import { networkSettingOf } from './network-setting.js';
import { inNetworkd } from './networkd.js';
import { withNftRule } from './nft-file.js';
import { withRule } from './rules-file.js';
import { withSysctl } from './sysctl-file.js';

const placeOfSysctl = (step: RepairStep, files: HostFiles, run: string): Choice => {
  if (!files.sysctlFolder) return { because: 'this host has no /etc/sysctl.d' };
  const path = `/etc/sysctl.d/99-vethoscope-${run}.conf`;
  const later = new Map([...files.sysctl].filter(([other]) => other === '/etc/sysctl.conf' || other > path));
  return { path, edit: (text) => withSysctl(text, step, later) };
};

const placeOfRule = (step: RepairStep, files: HostFiles): Choice => {
  const [program = ''] = step.inner;
  if (program !== 'iptables' && program !== 'ip6tables')
    return { because: `${program} is not the back-end that the stored rules are loaded into` };
  const path = program === 'iptables' ? files.rulesV4 : files.rulesV6;
  if (path === null)
    return { because: `this host stores no ${program} rules (iptables-persistent or iptables-services)` };
  return { path, edit: (text) => withRule(text, step) };
};

const placeOfNft = (step: RepairStep, files: HostFiles): Choice =>
  files.nftables === null
    ? { because: 'nftables.service is not enabled on this host, or it has no nftables.conf' }
    : { path: files.nftables, edit: (text) => withNftRule(text, step) };

const placeOf = (step: RepairStep, files: HostFiles, run: string): Choice => {
  const [program = ''] = step.inner;
  if (step.netns !== 'host') return { because: 'it is in a namespace that its owner makes anew' };
  if (program === 'sysctl') return placeOfSysctl(step, files, run);
  if (/^ip6?tables/.test(program)) return placeOfRule(step, files);
  if (program === 'nft') return placeOfNft(step, files);
  return placeInNetwork(step, files, run);
};

/** In the settings of whichever manager defines the device: only that one sets it at boot. */
const placeInNetwork = (step: RepairStep, { netplan, networkd, ifupdown }: HostFiles, run: string): Choice => {
  const setting = networkSettingOf(step);
  if ('because' in setting) return setting;
  const used = [
    { manager: 'netplan', texts: netplan, place: () => inNetplan(setting, netplan, run) },
    { manager: 'systemd-networkd', texts: networkd, place: () => inNetworkd(setting, networkd, run) },
    { manager: 'ifupdown', texts: ifupdown, place: () => inIfupdown(step, setting, ifupdown) },
  ].filter(({ texts }) => texts.size > 0);
  if (used.length === 0) return { because: 'this host uses neither netplan, systemd-networkd nor ifupdown' };
  for (const { place } of used) {
    const found = place();
    if (found !== null) return found;
  }
  const managers = used.map(({ manager }) => manager).join(' or ');
  return { because: `no settings of ${managers} define ${setting.device}: what makes it at boot has to` };
};

/**
 * Where this host keeps what the steps change, with the change in it. Nothing is written.
 * @param files the host's settings files as they are now
 * @param run names our own files
 */
export const persistenceOf = (steps: readonly RepairStep[], files: HostFiles, run: string): Persistence => {
  const changed = new Map<string, FileChange>();
  const kept: Persistence['kept'][number][] = [];
  const untilRestart: Persistence['untilRestart'][number][] = [];
  for (const step of steps) {
    const { subject } = step;
    const place = placeOf(step, files, run);
    if ('kept' in place) kept.push({ subject, because: place.kept });
    else if ('because' in place) untilRestart.push({ subject, because: place.because });
    else {
      const { path } = place;
      const before = files.texts.get(path) ?? null;
      const old = changed.get(path);
      const edit = place.edit(old?.after ?? before ?? '');
      if ('because' in edit) untilRestart.push({ subject, because: `${path}: ${edit.because}` });
      else
        changed.set(path, {
          path,
          before,
          after: edit.text,
          added: [...(old?.added ?? []), edit.line],
          ...(place.mode === undefined ? {} : { mode: place.mode }),
          ...(path.includes('.network.d/') && !files.dropInFolders.has(dirname(path)) ? { makesFolder: true } : {}),
        });
    }
  }
  return { files: [...changed.values()], kept, untilRestart };
};
