import { listFolder } from '../host/files.js';
import { pathExists } from '../host/proc.js';
import { bootTimeMs, processesNamed, processStartMs } from '../host/processes.js';
import { runCommand } from '../host/run-command.js';
import type { SysctlLine } from '../model/sysctl-line.js';
import type { Target } from '../model/target.js';
import type { HostEvent, Timeline } from '../model/timeline.js';
import { parseSystemctlShow } from '../parse/systemctl-show.js';

/** Programs that make rules, devices or settings, by the name of their process (at most 15 bytes). */
const DAEMONS: ReadonlySet<string> = new Set([
  'dockerd',
  'firewalld',
  'kube-proxy',
  'kubelet',
  'libvirtd',
  'tailscaled',
  'NetworkManager',
  'systemd-network',
  'flanneld',
  'calico-node',
  'cilium-agent',
]);

const UNITS = [
  'docker.service',
  'firewalld.service',
  'ufw.service',
  'nftables.service',
  'netfilter-persistent.service',
  'systemd-networkd.service',
  'NetworkManager.service',
  'kubelet.service',
  'libvirtd.service',
] as const;

/** Files from which rules are made. A whole folder counts by the files in it. */
const RULE_FILES: readonly (readonly [folder: string, name: RegExp])[] = [
  ['/etc/ufw', /\.rules$/],
  ['/etc/firewalld', /\.(conf|xml)$/],
  ['/etc/firewalld/zones', /\.xml$/],
  ['/etc/firewalld/policies', /\.xml$/],
  ['/etc/iptables', /^rules\.v[46]$/],
  ['/etc', /^nftables\.conf$/],
  ['/etc/docker', /^daemon\.json$/],
];

const UNIT_LIMIT_MS = 1000;

/** The command that asks systemd for the times of its units; `null` where it does not run. */
export const timelineCommand = (): readonly string[] | null =>
  pathExists('/run/systemd/system')
    ? ['systemctl', 'show', ...UNITS, '--property=Id,ActiveEnterTimestamp,StateChangeTimestamp']
    : null;

/**
 * What happened on this host before now: when the container and the programs that make rules were started, when units of
 * systemd were reloaded, and which files of rules and settings were written since the first of them. Never rejects: what cannot be read is said to be absent.
 */
export const readTimeline = async (
  target: Target,
  settings: readonly SysctlLine[],
  signal?: AbortSignal,
): Promise<Timeline> => {
  const [processes, files, units] = await Promise.all([startsOf(target), writtenFiles(), unitTimes(signal)]);
  const written = new Map(settings.map(({ file, modified }) => [file, modified]));
  const settingFiles = [...written].map(
    ([file, at]): HostEvent => ({ at: seconds(at), what: `${file} was written`, touches: 'settings' }),
  );
  const starts = [...processes.events, ...units.events];
  const first = starts.map(({ at }) => at).sort()[0];
  const events = [...starts, ...[...files, ...settingFiles].filter(({ at }) => first !== undefined && at >= first)];
  return {
    events: events.toSorted((one, other) => one.at.localeCompare(other.at)),
    absent: [...processes.absent, ...units.absent],
  };
};

const seconds = (time: number | string): string => `${new Date(time).toISOString().slice(0, 19)}Z`;

const startsOf = async ({ pid, name }: Target): Promise<Timeline> => {
  const [bootMs, daemons] = await Promise.all([bootTimeMs(), processesNamed(DAEMONS)]);
  if (bootMs === null)
    return { events: [], absent: ['start times of processes: the kernel does not say when it started'] };
  const event = async (process: number, what: string): Promise<readonly HostEvent[]> => {
    const started = await processStartMs(process, bootMs);
    return started === null ? [] : [{ at: seconds(started), what: `${what} started`, touches: 'both' }];
  };
  const events = await Promise.all([
    ...[...daemons].map(([process, called]) => event(process, called)),
    ...(pid === null ? [] : [event(pid, name)]),
  ]);
  return { events: events.flat(), absent: [] };
};

const writtenFiles = async (): Promise<readonly HostEvent[]> => {
  const listed = await Promise.all(
    RULE_FILES.map(async ([folder, name]) => {
      const entries = await listFolder(folder, (file) => name.test(file)).catch(() => []);
      return entries.map(
        (entry): HostEvent => ({
          at: seconds(entry.changedMs),
          what: `${folder}/${entry.name} was written`,
          touches: 'rules',
        }),
      );
    }),
  );
  return listed.flat();
};

const unitTimes = async (signal?: AbortSignal): Promise<Timeline> => {
  const because = (why: string): Timeline => ({ events: [], absent: [`reload times of units: ${why}`] });
  const argv = timelineCommand();
  if (argv === null) return because('systemd does not run here');
  const result = await runCommand(argv, { env: { TZ: 'UTC' }, timeoutMs: UNIT_LIMIT_MS, signal });
  if (result.failure !== null) return because(`systemctl did not say (${result.failure})`);
  try {
    const events = parseSystemctlShow(result.stdout).flatMap(({ unit, started, changed }): HostEvent[] => [
      ...(started === null ? [] : [{ at: started, what: `${unit} was started`, touches: 'both' as const }]),
      ...(changed === null || changed === started || started === null
        ? []
        : [{ at: changed, what: `${unit} was reloaded or changed`, touches: 'both' as const }]),
    ]);
    return { events, absent: [] };
  } catch {
    return because('systemctl printed what cannot be read');
  }
};
