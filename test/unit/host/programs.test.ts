import { expect, test } from 'vitest';
import { installCommand, PROGRAMS, programsOfHost } from '../../../src/host/programs.js';

const namesWhere = (...paths: readonly string[]): readonly string[] =>
  programsOfHost((path) => paths.includes(path)).map(({ name }) => name);

test('a host without Open vSwitch and WireGuard is asked for no program of them, nor told to install one', () => {
  const others = PROGRAMS.filter(({ name }) => name !== 'ovs-vsctl' && name !== 'wg');
  expect(programsOfHost(() => false)).toEqual(others);
  expect(installCommand(programsOfHost(() => false))).not.toMatch(/openvswitch|wireguard/);
});

test.each([
  ['ovs-vsctl', 'the database', '/var/run/openvswitch/db.sock'],
  ['ovs-vsctl', 'the datapath of the kernel', '/sys/class/net/ovs-system'],
  ['wg', 'the module of the kernel', '/sys/module/wireguard'],
])('one that has it is: %s, by %s', (name, _, path) => {
  expect(namesWhere(path)).toEqual([...namesWhere(), name].sort(byPlace));
  expect(PROGRAMS.find((program) => program.name === name)).toMatchObject({
    needed: false,
    costs: expect.stringContaining('only where it runs'),
  });
});

const byPlace = (one: string, other: string): number =>
  PROGRAMS.findIndex(({ name }) => name === one) - PROGRAMS.findIndex(({ name }) => name === other);
