import { existsSync } from 'node:fs';
import { mkdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { controlGroupMount } from '../../src/host/control-group.js';
import { startCommand } from '../../src/host/run-command.js';
import { ctrCgroupBpfEgress } from '../../src/lab/faults/ctr-cgroup-bpf-egress.js';
import { APPLICATION } from '../../src/lab/topologies/application.js';
import { EXIT } from '../../src/model/errors.js';
import { openLab, PROGRAM, type TestLab } from '../helpers/lab.js';
import { runOf } from '../helpers/trace.js';

const DESTINATION = '203.0.113.5';

if (process.getuid?.() === 0)
  test('the control group of a lab that was killed is removed by the next one, that of a running one is not', async () => {
    const child = startCommand(['true']);
    await child.ended;
    const folder = controlGroupMount()?.folder ?? '';
    const [stale, living] = [child.pid, process.pid].map((pid) => join(folder, `vethoscope-lab-${pid}`));
    await Promise.all([stale, living].map((group) => mkdir(group ?? '')));
    try {
      await (await openLab('textbook')).close();
      expect(existsSync(stale ?? '')).toBe(false);
      expect(existsSync(living ?? '')).toBe(true);
    } finally {
      await rmdir(living ?? '');
    }
  });

describe('--in-cgroup', () => {
  let lab: TestLab;

  beforeAll(async () => {
    lab = await openLab('application');
  });
  afterAll(() => lab.close());

  test('is announced, and counted as a change', async () => {
    const plan = await lab.exec([...PROGRAM, 'trace', APPLICATION, DESTINATION, '--in-cgroup', '--dry-run']);
    expect(plan.stdout).toMatch(/A CHANGE until it ends: probe from tail, in the control group of its process/);
    const run = runOf(await lab.trace([APPLICATION, DESTINATION, '--in-cgroup']));
    expect(run.diagnosis.status).toBe('ok');
    expect(run.run.changesMade).toBe(1);
    expect(run.evidence?.probe?.command.slice(0, 2)).toEqual(['sh', '-c']);
    expect(run.evidence?.control?.command[0]).toBe('ping');
  });

  test('a namespace without a process has no group to send from', async () => {
    const { exitCode, stderr } = await lab.exec([...PROGRAM, 'trace', 'net1', DESTINATION, '--in-cgroup']);
    expect(exitCode).toBe(EXIT.usage);
    expect(stderr).toContain('"net1" is a namespace, not a process: it has no control group');
  });

  if (process.getuid?.() === 0)
    test('a program of the group is met with it alone, and leaves nothing in the group', async () => {
      await lab.run(ctrCgroupBpfEgress.break);
      try {
        const without = runOf(await lab.trace([APPLICATION, DESTINATION]));
        expect(without.diagnosis.status).toBe('ok');
        expect(without.run.changesMade).toBe(0);
        const { diagnosis, evidence } = runOf(await lab.trace([APPLICATION, DESTINATION, '--in-cgroup']));
        expect(diagnosis).toMatchObject({ status: 'fault', cause: 'ctr-cgroup-bpf-egress', confidence: 'certain' });
        const group = evidence?.probeSettings.controlGroup ?? '';
        const members = (await lab.exec(['cat', `${group}/cgroup.procs`])).stdout.trim().split('\n');
        expect(members).toHaveLength(1);
      } finally {
        await lab.run(ctrCgroupBpfEgress.undo);
      }
    });
});
