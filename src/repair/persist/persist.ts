import type { FileChange, Persistence, RepairStep } from '../../model/repair.js';
import type { Edit } from './edit.js';
import type { HostFiles } from './host-files.js';
import { withNftRule } from './nft-file.js';
import { withRule } from './rules-file.js';
import { withSysctl } from './sysctl-file.js';

interface Place {
  readonly path: string;
  readonly edit: (text: string) => Edit;
}

type Chosen = Place | { readonly because: string };

const placeOfSysctl = (step: RepairStep, files: HostFiles, run: string): Chosen => {
  if (!files.sysctlFolder) return { because: 'this host has no /etc/sysctl.d' };
  const path = `/etc/sysctl.d/99-vethoscope-${run}.conf`;
  const later = new Map([...files.sysctl].filter(([other]) => other === '/etc/sysctl.conf' || other > path));
  return { path, edit: (text) => withSysctl(text, step, later) };
};

const placeOfRule = (step: RepairStep, files: HostFiles): Chosen => {
  const [program = ''] = step.inner;
  if (program !== 'iptables' && program !== 'ip6tables')
    return { because: `${program} is not the back-end that the stored rules are loaded into` };
  const path = program === 'iptables' ? files.rulesV4 : files.rulesV6;
  if (path === null)
    return { because: `this host stores no ${program} rules (iptables-persistent or iptables-services)` };
  return { path, edit: (text) => withRule(text, step) };
};

const placeOfNft = (step: RepairStep, files: HostFiles): Chosen =>
  files.nftables === null
    ? { because: 'nftables.service is not enabled on this host, or it has no nftables.conf' }
    : { path: files.nftables, edit: (text) => withNftRule(text, step) };

const placeOf = (step: RepairStep, files: HostFiles, run: string): Chosen => {
  const [program = ''] = step.inner;
  if (step.netns !== 'host') return { because: 'it is in a namespace that its owner makes anew' };
  if (program === 'sysctl') return placeOfSysctl(step, files, run);
  if (/^ip6?tables/.test(program)) return placeOfRule(step, files);
  if (program === 'nft') return placeOfNft(step, files);
  const owner = files.network === null ? 'what makes this device at boot' : files.network;
  return { because: `the device and its addresses are to be set in ${owner}` };
};

/**
 * Where this host keeps what the steps change, with the change in it. Nothing is written.
 * @param files the host's settings files as they are now
 * @param run names our own files
 */
export const persistenceOf = (steps: readonly RepairStep[], files: HostFiles, run: string): Persistence => {
  const changed = new Map<string, FileChange>();
  const untilRestart: Persistence['untilRestart'][number][] = [];
  for (const step of steps) {
    const place = placeOf(step, files, run);
    const before = 'path' in place ? (files.texts.get(place.path) ?? null) : null;
    const old = 'path' in place ? changed.get(place.path) : undefined;
    const edit = 'path' in place ? place.edit(old?.after ?? before ?? '') : place;
    if ('path' in place && 'text' in edit)
      changed.set(place.path, {
        path: place.path,
        before,
        after: edit.text,
        added: [...(old?.added ?? []), edit.line],
      });
    else if ('because' in edit)
      untilRestart.push({
        subject: step.subject,
        because: 'path' in place ? `${place.path}: ${edit.because}` : edit.because,
      });
  }
  return { files: [...changed.values()], untilRestart };
};
