import type { Fault } from '../fault.js';

export const brEbtablesForwardDrop: Fault = {
  id: 'br-ebtables-forward-drop',
  title: 'a rule of ebtables drops what goes from one container to another',
  topology: 'two-containers',
  break: ['ebtables -A FORWARD -i veth1_p -p IPv4 -j DROP'],
  undo: ['ebtables -D FORWARD -i veth1_p -p IPv4 -j DROP'],
  expect: {
    cause: ['br-ebtables-forward-drop', 'br-ebtables-drop'],
    link: ['veth-host', 'bridge-port'],
    stage: 'bridge-forward',
    way: 'forward',
  },
};
