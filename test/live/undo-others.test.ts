import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { faults } from '../../src/lab/faults/index.js';
import { EXIT } from '../../src/model/errors.js';
import { bareHost, vethoscopeIn } from '../helpers/bare-lab.js';
import { inventoryOf } from '../helpers/inventory.js';
import { openLab, type TestLab } from '../helpers/lab.js';

vi.setConfig({ testTimeout: 120_000 });

const FLOW = ['net1', '203.0.113.5'];

let lab: TestLab | null;

beforeEach(() => {
  lab = null;
});

afterEach(() => lab?.close());

/** What somebody else makes after a repair stays as it is: undoing is refused, and goes through once it is gone. */
const refusedWhile = async (made: TestLab, add: string, take: string, words: readonly string[]): Promise<void> => {
  await made.run([add]);
  const changed = await inventoryOf(made);
  const refused = await vethoscopeIn(made)(['undo', '--last']);
  expect(refused.exitCode, refused.stdout + refused.stderr).toBe(EXIT.refused);
  for (const word of words) expect(refused.stdout).toContain(word);
  expect(await inventoryOf(made)).toBe(changed);
  const asJson = JSON.parse((await vethoscopeIn(made)(['undo', '--last', '--json'])).stdout);
  expect(asJson).toMatchObject({ outcome: 'refused', conflicts: [{ facet: 'route', before: null, after: null }] });
  await made.run([take]);
};

describe('a route that somebody else made since', () => {
  test.each([
    ['a bridge that was set up', 'br-down', 'br0, which goes down'],
    ['a bridge that was given its address', 'br-no-ip', 'the address 192.168.0.1/24 of br0, which goes'],
  ])('over %s keeps it from being undone', async (_, id, needs) => {
    lab = await openLab('textbook');
    await lab.run(faults.find((fault) => fault.id === id)?.break ?? []);
    const before = await inventoryOf(lab);
    const fixed = await vethoscopeIn(lab)(['fix', ...FLOW, '--apply']);
    expect(fixed.exitCode, fixed.stdout + fixed.stderr).toBe(EXIT.ok);
    const route = '203.0.113.128/25 via 192.168.0.2 dev br0';
    await refusedWhile(lab, `ip route add ${route}`, `ip route del ${route}`, [
      `route 4 ${route}: was absent, we left it absent, now it is present; it needs ${needs}`,
    ]);
    expect((await vethoscopeIn(lab)(['undo', '--last'])).exitCode).toBe(EXIT.ok);
    expect(await inventoryOf(lab)).toBe(before);
  });

  test('over the bridge of a build keeps it from being torn down', async () => {
    lab = await openLab(bareHost);
    const before = await inventoryOf(lab);
    const built = await vethoscopeIn(lab)(['build', 'net1', '--apply', '--destination', '203.0.113.5']);
    expect(built.exitCode, built.stdout + built.stderr).toBe(EXIT.ok);
    await refusedWhile(lab, 'ip route add 10.99.0.0/16 dev br0', 'ip route del 10.99.0.0/16 dev br0', [
      'route 4 10.99.0.0/16 dev br0 scope link',
      'it needs the device br0, which goes',
    ]);
    expect((await vethoscopeIn(lab)(['undo', '--last'])).exitCode).toBe(EXIT.ok);
    expect(await inventoryOf(lab)).toBe(before);
  });

  test('elsewhere, or over what stays, does not', async () => {
    lab = await openLab('textbook');
    await lab.run(faults.find((fault) => fault.id === 'br-down')?.break ?? []);
    const before = await inventoryOf(lab);
    expect((await vethoscopeIn(lab)(['fix', ...FLOW, '--apply'])).exitCode).toBe(EXIT.ok);
    const route = '203.0.113.128/25 via 198.51.100.1';
    await lab.run([`ip route add ${route}`]);
    expect((await vethoscopeIn(lab)(['undo', '--last'])).exitCode).toBe(EXIT.ok);
    expect((await lab.exec('ip route show 203.0.113.128/25')).stdout).toContain('via 198.51.100.1');
    await lab.run([`ip route del ${route}`]);
    expect(await inventoryOf(lab)).toBe(before);
  });
});
