import { expect, test } from 'vitest';
import type { Fault } from '../../src/lab/fault.js';
import { faults } from '../../src/lab/faults/index.js';
import { EXIT } from '../../src/model/errors.js';
import { inventoryOf } from '../helpers/inventory.js';
import { openLab, PROGRAM } from '../helpers/lab.js';
import { type Seeded, seeded } from '../helpers/seeded.js';

/** How many stacks; `npm run soak:repair` takes 200. */
const STACKS = Number(process.env['VETHOSCOPE_STACKS'] ?? 3);
const SEED = Number(process.env['VETHOSCOPE_SEED'] ?? 1);

/** Faults of the textbook network that commands of ours can mend. */
const REPAIRABLE = [
  'br-down',
  'br-no-ip',
  'br-port-stp-blocking',
  'br-wrong-ip',
  'ctr-eth0-down',
  'ctr-fw-input-drop',
  'ctr-fw-output-drop',
  'ctr-no-default-route',
  'ctr-no-ip',
  'ctr-policy-rule',
  'ctr-route-unreachable',
  'ctr-wrong-gateway',
  'host-if-forwarding-off-bridge',
  'host-ip-forward-off',
  'host-route-blackhole',
  'host-route-unreachable',
  'host-subnet-overlap-bridge',
  'nf-forward-no-return-rule',
  'nf-forward-policy-drop',
  'nf-masq-wrong-iface',
  'nf-masq-wrong-subnet',
  'nf-missing-masquerade',
  'nf-reject-host-prohibited',
  'nf-snat-wrong-ip',
  'veth-host-end-down',
  'veth-not-enslaved',
  'veth-wrong-bridge',
];

/** The one took what would tell how to mend the other: a person has to say what was right. */
const UNKNOWABLE: readonly (readonly [string, string])[] = [
  ['ctr-eth0-down', 'br-no-ip'],
  ['ctr-no-ip', 'br-down'],
  ['ctr-no-ip', 'br-no-ip'],
  ['ctr-no-ip', 'br-wrong-ip'],
  ['ctr-no-ip', 'ctr-eth0-down'],
  ['ctr-no-ip', 'veth-host-end-down'],
  ['ctr-no-ip', 'br-port-stp-blocking'],
  ['ctr-no-ip', 'veth-not-enslaved'],
  ['ctr-no-ip', 'veth-wrong-bridge'],
  ['veth-not-enslaved', 'br-no-ip'],
  ['veth-wrong-bridge', 'br-no-ip'],
];

const stackOf = (random: Seeded): readonly Fault[] => {
  const size = random.chance(0.75) ? 2 : 3;
  const ids = new Set<string>();
  while (ids.size < size) ids.add(REPAIRABLE[random.below(REPAIRABLE.length)] ?? '');
  if (UNKNOWABLE.some((pair) => pair.every((id) => ids.has(id)))) return stackOf(random);
  return [...ids].flatMap((id) => faults.find((fault) => fault.id === id) ?? []);
};

/**
 * Stacks in which a repair went wrong once: two routes to one subnet, of which the first hides the second; a gateway that
 * only the container's neighbour entry still tells of.
 */
const ALWAYS = [
  ['host-route-unreachable', 'host-subnet-overlap-bridge'],
  ['ctr-no-default-route', 'br-no-ip'],
];

const random = seeded(SEED);
const stacks = [
  ...ALWAYS.map((ids) => ids.flatMap((id) => faults.find((fault) => fault.id === id) ?? [])),
  ...Array.from({ length: STACKS }, () => stackOf(random)),
];

test.each(stacks.map((stack) => ({ stack, name: stack.map(({ id }) => id).join(' + ') })))(
  '$name: one fix ends in a working flow, undo restores',
  async ({ stack, name }) => {
    const lab = await openLab('textbook');
    const vethoscope = (...args: readonly string[]) =>
      lab.exec([...PROGRAM, ...args], { timeoutMs: 60_000, env: { VETHOSCOPE_STATE: lab.stateFolder } });
    try {
      for (const fault of stack) {
        const broken = await lab.run(fault.break).then(
          () => true,
          () => false,
        );
        if (!broken) process.stderr.write(`${name}: ${fault.id} cannot be broken any more\n`);
      }
      const [before, routes] = [
        await inventoryOf(lab),
        await lab.exec('ip -4 route | sed "s/ linkdown//g; s/ dead//g"'),
      ];
      const fixed = await vethoscope('fix', 'net1', '203.0.113.5', '--apply');
      expect(fixed.exitCode, fixed.stdout + fixed.stderr).toBe(EXIT.ok);
      expect((await lab.trace(['net1', '203.0.113.5'])).run?.diagnosis.status).toBe('ok');
      const undone = await vethoscope('undo', '--last');
      expect(undone.exitCode, undone.stdout + undone.stderr).toBe(EXIT.ok);
      expect(await inventoryOf(lab)).toBe(before);
      expect((await lab.exec('ip -4 route | sed "s/ linkdown//g; s/ dead//g"')).stdout).toBe(routes.stdout);
    } finally {
      await lab.close();
    }
  },
);
