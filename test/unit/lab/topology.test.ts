import { describe, expect, test } from 'vitest';
import { runCommand } from '../../../src/host/run-command.js';
import { faults } from '../../../src/lab/faults/index.js';
import { topologies } from '../../../src/lab/topologies/index.js';
import { buildScript, changeScript, quoted, type Topology } from '../../../src/lab/topology.js';

const empty: Topology = { id: 'empty', title: '', namespaces: [], steps: [], target: 'host', destination: '' };

test('a quoted word comes back from the shell as it was', async () => {
  const word = 'it\'s $(id) `id` \\ " *\nnew line';
  expect((await runCommand(['sh', '-c', `printf %s ${quoted(word)}`])).stdout).toBe(word);
});

test('a script stops at the first command that fails, and names it', async () => {
  const script = changeScript(empty, ['echo first', 'false "quoted"', 'echo third']);
  const { exitCode, stdout, stderr } = await runCommand(['sh', '-c', script]);
  expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 1, stdout: 'first\n', stderr: 'failed: false "quoted"\n' });
});

describe.each([...topologies])('network $id', (topology) => {
  test('is a valid shell script', async () => {
    expect((await runCommand(['sh', '-n', '-c', buildScript(topology)])).stderr).toBe('');
  });

  test('has its target among its namespaces', () => {
    expect(topology.namespaces).toContain(topology.target);
    for (const step of topology.steps) expect(['host', ...topology.namespaces]).toContain(step.netns);
  });
});

describe.each([...faults])('fault $id', (fault) => {
  test('is made of valid commands for a network that there is', async () => {
    const topology = topologies.find((candidate) => candidate.id === fault.topology);
    if (topology === undefined) throw new Error(`no network ${fault.topology}`);
    for (const commands of [fault.break, fault.undo]) {
      expect(commands.length).toBeGreaterThan(0);
      expect((await runCommand(['sh', '-n', '-c', changeScript(topology, commands)])).stderr).toBe('');
    }
  });
});
