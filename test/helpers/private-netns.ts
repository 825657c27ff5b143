import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readlinkSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NetnsRef } from '../../src/model/netns.js';

export interface PrivateNetns {
  readonly ref: NetnsRef;
  /** Runs `ip -batch` lines in the namespace, all of which must succeed. */
  ip(lines: readonly string[]): void;
  /** Runs a command in the namespace and returns its output. */
  run(argv: readonly string[], input?: string): string;
  close(): void;
}

/** A network namespace that lives as long as one process of ours. */
export const openNetns = async (id = 'target'): Promise<PrivateNetns> => {
  const child = spawn('unshare', ['--net', '--kill-child', 'sleep', '600'], { stdio: 'ignore' });
  const path = `/proc/${child.pid}/ns/net`;
  await untilSeparate(child, path);
  const run = (argv: readonly string[], input = ''): string =>
    execFileSync('nsenter', [`--net=${path}`, '--', ...argv], {
      input,
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'pipe'],
    });
  return {
    ref: { id, name: id, path, inode: statSync(path).ino },
    run,
    ip: (lines) => void run(['ip', '-batch', '-'], lines.join('\n')),
    close: () => void child.kill('SIGKILL'),
  };
};

const untilSeparate = async (child: ChildProcess, path: string): Promise<void> => {
  const ours = readlinkSync('/proc/self/ns/net');
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (child.exitCode !== null) throw new Error('unshare failed');
    if (readlinkSync(path) !== ours) return;
    await sleep(5);
  }
  throw new Error('no namespace after a second');
};
