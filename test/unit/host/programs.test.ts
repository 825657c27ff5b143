import { expect, test } from 'vitest';
import { installCommand, PROGRAMS, programsOfHost } from '../../../src/host/programs.js';

const namesWhere = (...paths: readonly string[]): readonly string[] =>
  programsOfHost((path) => paths.includes(path)).map(({ name }) => name);

test('a host without Open vSwitch is asked for no program of it, nor told to install one', () => {
  expect(namesWhere()).toEqual(PROGRAMS.map(({ name }) => name).filter((name) => name !== 'ovs-vsctl'));
  expect(installCommand(programsOfHost(() => false))).not.toContain('openvswitch');
});

test.each(['the database: /var/run/openvswitch/db.sock', 'the datapath of the kernel: /sys/class/net/ovs-system'])(
  'one that has it is: %s',
  (where) => {
    const path = where.split(': ')[1] ?? '';
    expect(namesWhere(path)).toEqual(PROGRAMS.map(({ name }) => name));
    expect(PROGRAMS.find(({ name }) => name === 'ovs-vsctl')).toMatchObject({
      needed: false,
      costs: expect.stringContaining('only where it runs'),
    });
  },
);
