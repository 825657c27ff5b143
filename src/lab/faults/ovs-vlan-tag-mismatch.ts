import type { Fault } from '../fault.js';

export const ovsVlanTagMismatch: Fault = {
  id: 'ovs-vlan-tag-mismatch',
  title: "the container's port of Open vSwitch is in the dead VLAN 4095",
  topology: 'openstack',
  rootOnly: true,
  break: ['ovs-vsctl --timeout=20 set port qvo1 tag=4095'],
  undo: ['ovs-vsctl --timeout=20 clear port qvo1 tag'],
  expect: {
    cause: ['ovs-vlan-tag-mismatch'],
    link: ['bridge', 'uplink'],
    stage: 'bridge-forward',
    way: 'forward',
  },
};
