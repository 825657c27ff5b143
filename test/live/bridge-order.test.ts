import { afterAll, beforeAll, expect, test } from 'vitest';
import { faultNamed } from '../../src/cli/lab-names.js';
import { openLab, type TestLab } from '../helpers/lab.js';
import { runOf } from '../helpers/trace.js';

const LOCK = faultNamed('br-port-locked');
const FORGET = ['ip neigh flush dev br0', 'ip netns exec net1 ip neigh flush all'];

let lab: TestLab;

beforeAll(async () => {
  lab = await openLab('textbook');
});
afterAll(() => lab.close());

const causesBeside = async (rule: string) => {
  const counted = async (): Promise<string> => {
    const table = /-t \w+ /.exec(rule)?.[0] ?? '';
    const listed = await lab.exec(['sh', '-c', `ebtables ${table}-L --Lc`]);
    return /-j DROP.*pcnt = (\d+)/.exec(listed.stdout)?.[1] ?? '';
  };
  await lab.run([...LOCK.break, `ebtables ${rule}`, ...FORGET]);
  try {
    const { findings } = runOf(await lab.trace([lab.topology.target, lab.topology.destination]));
    return { causes: findings.map(({ rank, cause }) => `${rank} ${cause}`), counted: await counted() };
  } finally {
    await lab.run([...LOCK.undo, `ebtables ${rule.replace('-A', '-D')}`]);
  }
};

test('a locked port drops ARP before a rule of INPUT sees it', async () => {
  const { causes, counted } = await causesBeside('-A INPUT -i veth1_p -p ARP -j DROP');
  expect(causes).toEqual(['root br-port-locked', 'behind br-ebtables-arp-drop']);
  expect(counted).toBe('0');
});

test('a rule of PREROUTING drops ARP before the lock of the port is asked', async () => {
  const { causes, counted } = await causesBeside('-t nat -A PREROUTING -i veth1_p -p ARP -j DROP');
  expect(causes).toEqual(['root br-ebtables-arp-drop', 'behind br-port-locked']);
  expect(Number(counted)).toBeGreaterThan(0);
});
