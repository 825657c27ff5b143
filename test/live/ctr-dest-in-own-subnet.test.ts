import { expect, test } from 'vitest';
import { labForTest } from '../helpers/lab.js';
import { brokenRoles, runOf } from '../helpers/trace.js';

const ELSEWHERE = '192.168.0.77';

test("a destination that the container's own network covers is told from a neighbour that is only dead, and reached by the printed route", async () => {
  const lab = await labForTest('textbook');
  const trace = async () => runOf(await lab.trace(['net1', ELSEWHERE]));
  expect((await trace()).diagnosis).toMatchObject({ status: 'inconclusive', cause: null });

  await lab.run([`ip route add ${ELSEWHERE} via 198.51.100.1`]);
  const nobody = await trace();
  expect(nobody.findings.map(({ check }) => check)).not.toContain('ctr-dest-in-own-subnet');

  await lab.run([`ip netns exec outside ip addr add ${ELSEWHERE}/32 dev lo`]);
  const run = await trace();
  expect(run.diagnosis).toMatchObject({
    status: 'fault',
    cause: 'ctr-dest-in-own-subnet',
    direction: 'forward',
    confidence: 'certain',
  });
  expect(brokenRoles(run)).toBe('socket–container');

  const [remedy] = run.findings[0]?.remedies ?? [];
  expect(remedy?.commands.map((command) => command.join(' '))).toEqual([
    `ip -n net1 route add ${ELSEWHERE} via 192.168.0.1 dev eth0`,
  ]);
  await lab.run(remedy?.commands.map((command) => command.join(' ')) ?? []);
  expect((await trace()).diagnosis).toMatchObject({ status: 'ok', cause: null });
  await lab.run(remedy?.undo.map((command) => command.join(' ')) ?? []);
  expect((await trace()).diagnosis.cause).toBe('ctr-dest-in-own-subnet');
});
