import type { Evidence } from '../model/evidence.js';
import type { Finding, Origin } from '../model/finding.js';
import type { SysctlLine } from '../model/sysctl-line.js';

/**
 * The line of a file that makes the setting which a finding names, where the setting has that value now: the last one counts.
 * `null` where no file says so: then it was set at runtime, by whomever.
 */
export const fileOf = ({ place }: Finding, { before, sysctlFiles }: Evidence): Origin | null => {
  const key = place.object;
  const sysctls = before['host']?.sysctls;
  if (place.netns !== 'host' || key === undefined || !key.startsWith('net.') || !sysctls?.ok) return null;
  const line = sysctlFiles?.findLast((one) => names(one, key));
  if (line === undefined || line.value !== sysctls.value[key.replaceAll('/', '.')]) return null;
  const owner = `a file of settings, last written ${line.modified.slice(0, 16).replace('T', ' ')} UTC`;
  return { owner, file: line.file, line: line.line };
};

const names = ({ key }: SysctlLine, wanted: string): boolean => {
  const parts = key.split('.');
  const other = wanted.split('.');
  return parts.length === other.length && parts.every((part, index) => part === '*' || part === other[index]);
};
