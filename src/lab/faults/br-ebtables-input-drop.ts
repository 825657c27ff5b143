import type { Fault } from '../fault.js';

export const brEbtablesInputDrop: Fault = {
  id: 'br-ebtables-input-drop',
  title: 'a rule of ebtables drops what comes from the container',
  topology: 'textbook',
  break: ['ebtables -A INPUT -i veth1_p -p IPv4 -j DROP'],
  undo: ['ebtables -D INPUT -i veth1_p -p IPv4 -j DROP'],
  expect: {
    cause: ['br-ebtables-input-drop', 'br-ebtables-drop'],
    link: ['veth-host', 'bridge'],
    stage: 'bridge-forward',
    way: 'forward',
  },
};
