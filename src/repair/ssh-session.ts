import { ancestorVariable } from '../host/proc.js';
import { runCommand } from '../host/run-command.js';
import type { RepairStep } from '../model/repair.js';

/** The ssh session that we run in. */
export interface SshSession {
  readonly client: string;
  /** Port of sshd here. */
  readonly port: number;
  /** The device by which the kernel answers the client; `null` when it has no route. */
  readonly device: string | null;
}

/**
 * The ssh session of the person at the keyboard; `null` when there is none. sudo drops the variable, so that the
 * processes above us are asked too.
 * @see ssh(1), SSH_CONNECTION
 */
export const ownSshSession = async (): Promise<SshSession | null> => {
  const [, client = '', port = ''] = /^(\S+) \d+ \S+ (\d+)$/.exec(ancestorVariable('SSH_CONNECTION') ?? '') ?? [];
  if (client === '') return null;
  const route = await runCommand(['ip', '-o', 'route', 'get', client]);
  return { client, port: Number(port), device: / dev (\S+)/.exec(route.stdout)?.[1] ?? null };
};

/** What of a step the session hangs on, in words; `null` when it does not. */
const crossed = ({ netns, inner, devices }: RepairStep, { device, port }: SshSession): string | null => {
  if (netns !== 'host') return null;
  const [program = '', ...words] = inner;
  if (program === 'ip' && /^(-\d )?(route|rule) /.test(words.join(' '))) return 'the routes of this host';
  const isLink = program === 'ip' || program === 'bridge';
  if (isLink && device !== null && (words.includes(device) || devices?.includes(device))) return `the device ${device}`;
  const chain = /(?:^| )(?:-[IA] |filter )(INPUT|OUTPUT|input|output)\b/.exec(words.join(' '))?.[1];
  const isFirewall = /^(nft|ip6?tables)/.test(program);
  if (isFirewall && chain !== undefined && !words.includes('nat')) return `the ${chain.toUpperCase()} rules`;
  const takesPort =
    isFirewall && / dport (\d+)/.exec(` ${words.join(' ').replace('--dport', 'dport')}`)?.[1] === String(port);
  return takesPort && /DNAT|dnat/.test(words.join(' ')) ? `port ${port}` : null;
};

/** One line about the steps that may cut off the session; `null` when none does. */
export const sshWarning = (steps: readonly RepairStep[], session: SshSession | null): string | null => {
  if (session === null) return null;
  const touched = steps.flatMap((step) => {
    const what = crossed(step, session);
    return what === null ? [] : [`step ${step.n} (${what})`];
  });
  if (touched.length === 0) return null;
  return `your ssh session from ${session.client} crosses what is changed: ${touched.join(', ')}; it may be cut off`;
};
