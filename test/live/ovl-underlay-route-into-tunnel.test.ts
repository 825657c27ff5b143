import { expect, test } from 'vitest';
import { labForTest } from '../helpers/lab.js';
import { brokenRoles, runOf } from '../helpers/trace.js';

const REMOTE = '198.51.101.20';

test('a route to the other host that leads into the tunnel is named, and mended by the command that is printed', async () => {
  const lab = await labForTest('flannel-vxlan');
  const trace = async () => runOf(await lab.trace([lab.topology.target, lab.topology.destination]));
  await lab.run([`ip route add ${REMOTE} dev flannel.1`]);

  const run = await trace();
  expect(run.diagnosis).toMatchObject({
    status: 'fault',
    cause: 'ovl-underlay-route-into-tunnel',
    direction: 'forward',
    confidence: 'certain',
  });
  expect(brokenRoles(run)).toBe('tunnel–uplink');
  expect(run.path.notes).toEqual([`flannel.1: the route to the other end ${REMOTE} leads into it`]);

  const [remedy] = run.findings[0]?.remedies ?? [];
  expect(remedy?.commands[0]?.join(' ')).toMatch(`ip route del ${REMOTE} dev flannel.1`);
  await lab.run(remedy?.commands.map((command) => command.join(' ')) ?? []);
  expect((await trace()).diagnosis).toMatchObject({ status: 'ok', cause: null });
  await lab.run(remedy?.undo.map((command) => command.join(' ')) ?? []);
  expect((await trace()).diagnosis.cause).toBe('ovl-underlay-route-into-tunnel');
});
