import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, onTestFinished, test } from 'vitest';
import { processStartTime } from '../../src/host/processes.js';
import { cli, temporaryFolder } from '../helpers/cli.js';
import { PROGRAM } from '../helpers/lab.js';
import { expectClearError } from '../helpers/trace.js';

/** Services of a lab: they name its holder on their command line. */
const listenersOf = async (holder: number): Promise<number> => {
  const { stdout } = await execa('ps', ['-eo', 'args=']);
  return stdout.split('\n').filter((line) => line.endsWith(` 80 ${holder}`)).length;
};

describe('a lasting lab', () => {
  test('is built, broken, mended, entered and removed, and leaves nothing', async () => {
    const state = await temporaryFolder();
    const env = { XDG_STATE_HOME: state };
    onTestFinished(async () => {
      await cli(['lab', 'down', '--all'], { env });
    });
    const ping = ['lab', 'exec', '--netns', 'net1', '--', 'ping', '-q', '-c', '1', '-W', '0.3', '203.0.113.5'];

    const made = await cli(['lab', 'up', '--json'], { env });
    expect(made).toMatchObject({ exitCode: 0, stderr: '' });
    const { pid } = JSON.parse(made.stdout);
    expect((await cli(ping, { env })).exitCode).toBe(0);

    expect((await cli(['lab', 'break', 'host-ip-forward-off'], { env })).exitCode).toBe(0);
    expect((await cli(ping, { env })).exitCode).toBe(1);
    expect(JSON.parse((await cli(['lab', 'list', '--json'], { env })).stdout).labs).toEqual([
      { name: 'textbook', topology: 'textbook', pid, broken: ['host-ip-forward-off'] },
    ]);
    expectClearError(await cli(['lab', 'break', 'host-ip-forward-off'], { env }), 2);
    expectClearError(await cli(['lab', 'break', 'br-port-isolated'], { env }), 2);
    expectClearError(await cli(['lab', 'up'], { env }), 2);

    expect((await cli(['lab', 'mend', 'host-ip-forward-off'], { env })).exitCode).toBe(0);
    expect((await cli(ping, { env })).exitCode).toBe(0);
    expectClearError(await cli(['lab', 'mend', 'host-ip-forward-off'], { env }), 2);
    expectClearError(await cli(['lab', 'exec', '--netns', 'nowhere', '--', 'true'], { env }), 2);

    expect((await cli(['lab', 'down'], { env })).exitCode).toBe(0);
    expect(await processStartTime(pid)).toBeNull();
    expect(await readdir(join(state, 'vethoscope/labs'))).toEqual([]);
    expectClearError(await cli(['lab', 'down'], { env }), 2);
  });

  test('passes on the exit code and the words of its commands', async () => {
    const env = { XDG_STATE_HOME: await temporaryFolder() };
    onTestFinished(async () => {
      await cli(['lab', 'down', '--all'], { env });
    });
    await cli(['lab', 'up'], { env });
    const { exitCode, stdout } = await cli(['lab', 'exec', '--', 'sh', '-c', 'echo "$1"; exit 7', 'sh', '-x --y'], {
      env,
    });
    expect({ exitCode, stdout }).toEqual({ exitCode: 7, stdout: '-x --y\n' });
  });

  test('that was killed is forgotten at the next start', async () => {
    const state = await temporaryFolder();
    const env = { XDG_STATE_HOME: state };
    const { pid } = JSON.parse((await cli(['lab', 'up', '--json'], { env })).stdout);
    expect(await listenersOf(pid)).toBe(1);
    onTestFinished(async () => {
      await cli(['lab', 'down', '--all'], { env });
    });
    process.kill(pid, 'SIGKILL');
    await expect.poll(() => processStartTime(pid)).toBeNull();
    await expect.poll(() => listenersOf(pid), { timeout: 3000 }).toBe(0);
    expect(JSON.parse((await cli(['lab', 'list', '--json'], { env })).stdout).labs).toEqual([]);
    expect(await readdir(join(state, 'vethoscope/labs'))).toEqual([]);
  });
});

/** The process that holds the namespaces of a `lab run`: its child that reads until the end of its input. */
const holderOf = async (pid: number): Promise<number> => {
  const { stdout } = await execa('ps', ['-o', 'pid=,comm=', '--ppid', String(pid)], { reject: false });
  const line = stdout.split('\n').find((text) => text.trim().endsWith(' cat'));
  return line === undefined ? 0 : Number.parseInt(line, 10);
};

describe.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGKILL', undefined],
] as const)('%s during lab run', (signal, exitCode) => {
  test('ends everything that it started', async () => {
    const env = { XDG_STATE_HOME: await temporaryFolder() };
    const [file = '', ...args] = [...PROGRAM, 'lab', 'run', 'host-gateway-unreachable'];
    const child = execa(file, args, { env, reject: false, stdin: 'ignore', all: true });
    const pid = child.pid ?? 0;
    await expect.poll(() => holderOf(pid), { timeout: 5000, interval: 20 }).not.toBe(0);
    const holder = await holderOf(pid);
    child.kill(signal);
    const result = await child;
    expect(result.exitCode).toBe(exitCode);
    await expect.poll(() => processStartTime(holder), { timeout: 4000 }).toBeNull();
  });
});
