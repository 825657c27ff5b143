import { describe, expect, test } from 'vitest';
import { processName } from '../../src/host/proc.js';
import { processesIn } from '../../src/host/processes.js';
import { faults } from '../../src/lab/faults/index.js';
import type { TraceResult } from '../../src/lab/lab.js';
import type { Run } from '../../src/model/run.js';
import { labForTest, PROGRAM, type TestLab } from '../helpers/lab.js';

const documentOf = (result: TraceResult): Run => {
  if (result.run === null) throw new Error(`no run document: ${result.stderr}${result.stdout.slice(0, 400)}`);
  return result.run;
};

const roles = (run: Run): readonly (string | undefined)[] => {
  const { brokenLink } = run.diagnosis;
  const role = (id: string | undefined) => run.path.hops.find((hop) => hop.id === id)?.role;
  return [role(brokenLink?.from), role(brokenLink?.to)];
};

/** Commands that still run in the lab's namespaces, but for the lab's own holder. */
const commandsLeft = async (lab: TestLab): Promise<readonly string[]> => {
  const names = await Promise.all(
    ['host', ...lab.topology.namespaces].map(async (netns) =>
      (await lab.exec('readlink /proc/self/ns/net', { netns })).stdout.trim(),
    ),
  );
  const pids = await processesIn(new Set(names));
  return pids.map((pid) => processName(pid) ?? '').filter((name) => /^(tcpdump|ping|timeout|node)$/.test(name));
};

describe.each(faults.map((fault) => [fault.id, fault] as const))('%s', (_id, fault) => {
  test('is told from a healthy network, named with its link and way, told again offline, and gone when mended', async () => {
    const lab = await labForTest(fault.topology);
    const args = [lab.topology.target, fault.probe?.destination ?? lab.topology.destination];

    const healthy = await lab.trace(args);
    expect(healthy.exitCode, healthy.stderr).toBe(0);
    expect(documentOf(healthy).diagnosis.status).toBe('ok');
    expect(documentOf(healthy).findings).toEqual([]);

    await lab.run(fault.break);
    const broken = await lab.trace(args);
    const run = documentOf(broken);
    expect(fault.expect.cause, JSON.stringify(run.diagnosis)).toContain(run.diagnosis.cause);
    expect(broken.exitCode).toBe(3);
    expect(roles(run)).toEqual(fault.expect.link);
    expect(run.diagnosis.direction).toBe(fault.expect.way);
    expect(['certain', 'likely']).toContain(run.diagnosis.confidence);
    const [root] = run.findings;
    expect(root?.rank).toBe('root');
    if (fault.expect.stage !== undefined) expect(root?.stage).toBe(fault.expect.stage);
    if (fault.id !== 'unexplained-drop') expect(root?.remedies.length).toBeGreaterThan(0);

    const shown = await lab.exec([...PROGRAM, 'show', run.run.id, '--json']);
    const again = JSON.parse(shown.stdout) as Run;
    expect(shown.exitCode).toBe(3);
    expect(again.diagnosis).toEqual(run.diagnosis);
    expect(again.findings).toEqual(run.findings);

    await lab.run(fault.undo);
    const mended = await lab.trace(args);
    expect(mended.exitCode, JSON.stringify(mended.run?.diagnosis)).toBe(0);
    expect(await commandsLeft(lab)).toEqual([]);
  });
});
