import { expect, test } from 'vitest';
import { labForTest, topologyOf } from '../helpers/lab.js';
import { brokenRoles, runOf } from '../helpers/trace.js';

const MIDDLEBOX = [
  'nft add table ip middlebox',
  "nft 'add chain ip middlebox out { type filter hook output priority 0; }'",
  "nft 'add rule ip middlebox out tcp flags & (syn|ack) == syn|ack tcp option timestamp tsecr set 1'",
].map((command) => `ip netns exec outside ${command}`);

test('answers whose timestamps were changed on the way are named, and taken without timestamps', async () => {
  const textbook = topologyOf('textbook');
  const lab = await labForTest({ ...textbook, services: [{ netns: 'outside', address: '0.0.0.0', port: 80 }] });
  const trace = async () => runOf(await lab.trace(['net1', `tcp://${lab.topology.destination}:80`]));
  await lab.run(MIDDLEBOX);

  const run = await trace();
  expect(run.diagnosis).toMatchObject({
    status: 'fault',
    cause: 'tcp-paws-timestamps',
    direction: 'return',
    confidence: 'certain',
  });
  expect(brokenRoles(run)).toBe('socket–container');

  const [remedy] = run.findings[0]?.remedies ?? [];
  await lab.run(remedy?.commands.map((command) => command.join(' ')) ?? []);
  expect((await trace()).diagnosis).toMatchObject({ status: 'ok', cause: null });
  await lab.run(remedy?.undo.map((command) => command.join(' ')) ?? []);
  expect((await trace()).diagnosis.cause).toBe('tcp-paws-timestamps');
});
