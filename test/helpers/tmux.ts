import { randomBytes } from 'node:crypto';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { execa } from 'execa';
import { onTestFinished, vi } from 'vitest';
import { shellQuote } from '../../src/model/inert.js';

export interface Tmux {
  /** Types keys as `tmux send-keys` names them. */
  keys(...names: readonly string[]): Promise<void>;
  /** Types a line into the shell. */
  run(command: readonly string[] | string): Promise<void>;
  /** What is on the screen. */
  screen(): Promise<string>;
  /** Waits until the screen shows this, and gives it. */
  shows(wanted: RegExp): Promise<string>;
  resize(columns: number, rows: number): Promise<void>;
  /** Processes that were started in this terminal, the shell left out: PID and command line. */
  processes(): Promise<readonly { readonly pid: number; readonly args: string }[]>;
}

/** A real terminal for one test, on a tmux server of its own, with a shell in it. */
export const openTmux = async (
  columns: number,
  rows: number,
  env: Readonly<Record<string, string>> = {},
): Promise<Tmux> => {
  const mark = `vethoscope-test-${randomBytes(6).toString('hex')}`;
  const tmux = (...args: readonly string[]) => execa('tmux', ['-L', mark, ...args], { stripFinalNewline: false });
  const shell = [
    'env',
    'LANG=C.UTF-8',
    'LC_ALL=C.UTF-8',
    'PS1=$ ',
    `VETHOSCOPE_TERMINAL=${mark}`,
    ...Object.entries(env).map((pair) => pair.join('=')),
    'sh',
  ];
  await tmux('-f', '/dev/null', 'new-session', '-d', '-x', String(columns), '-y', String(rows), shellQuote(shell));
  await tmux('set', '-g', 'status', 'off');
  await tmux('resize-window', '-x', String(columns), '-y', String(rows));
  onTestFinished(async () => {
    await tmux('kill-server').catch(() => {});
  });

  const screen = async (): Promise<string> => (await tmux('capture-pane', '-p')).stdout;
  const shows = (wanted: RegExp): Promise<string> =>
    vi.waitFor(
      async () => {
        const text = await screen();
        if (!wanted.test(text)) throw new Error(`the screen does not show ${wanted}:\n${text}`);
        return text;
      },
      { timeout: 10_000, interval: 50 },
    );
  await shows(/^\$/m);
  return {
    keys: async (...names) => void (await tmux('send-keys', ...names)),
    run: async (command) =>
      void (await tmux('send-keys', '-l', `${typeof command === 'string' ? command : shellQuote(command)}\n`)),
    screen,
    shows,
    resize: async (width, height) => void (await tmux('resize-window', '-x', String(width), '-y', String(height))),
    processes: () => markedProcesses(mark),
  };
};

/** Processes with our mark in their environment; zombies have none. */
const markedProcesses = async (mark: string): Promise<{ pid: number; args: string }[]> => {
  const found: { pid: number; args: string }[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const environment = await readFile(`/proc/${name}/environ`, 'utf8').catch(() => '');
    if (!environment.split('\0').includes(`VETHOSCOPE_TERMINAL=${mark}`)) continue;
    const exe = await readlink(`/proc/${name}/exe`).catch(() => '');
    const args = (await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '')).split('\0').join(' ').trim();
    if (!/\/(?:da|ba)?sh$/.test(exe)) found.push({ pid: Number(name), args });
  }
  return found;
};
