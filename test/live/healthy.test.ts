import { describe, expect, test } from 'vitest';
import { topologies } from '../../src/lab/topologies/index.js';
import { DESTINATION } from '../../src/lab/topologies/textbook.js';
import { labForTest } from '../helpers/lab.js';
import { runOf } from '../helpers/trace.js';

const rootOnly = process.getuid?.() !== 0;

describe.each([...topologies])('network $id', ({ id, rootOnly: needsRoot }) => {
  test('is healthy: nothing is blamed', async ({ skip }) => {
    skip(rootOnly && needsRoot === true, 'this network needs root');
    const lab = await labForTest(id);
    const result = await lab.trace([lab.topology.target, lab.topology.destination]);
    const run = runOf(result);
    expect(run.diagnosis, JSON.stringify([run.diagnosis.losses, run.probe?.answers])).toMatchObject({
      status: 'ok',
      cause: null,
    });
    expect(run.findings.filter((finding) => finding.rank !== 'noticed')).toEqual([]);
    expect(result.exitCode).toBe(0);
  });
});

const reachingOutside = topologies.filter(
  (topology) => topology.destination === DESTINATION && !(rootOnly && topology.rootOnly === true),
);

test.each(reachingOutside)('a TCP service answers through the network $id', async ({ id }) => {
  const lab = await labForTest(id);
  await lab.serve('outside', DESTINATION, 80);
  const result = await lab.trace([lab.topology.target, `tcp://${DESTINATION}:80`]);
  expect(runOf(result).diagnosis).toMatchObject({ status: 'ok', cause: null });
  expect(result.exitCode).toBe(0);
});
