import type { Fault } from '../fault.js';

export const brEbtablesArpDrop: Fault = {
  id: 'br-ebtables-arp-drop',
  title: 'a rule of ebtables drops ARP, and the container forgets its gateway',
  topology: 'textbook',
  // The host forgets the container too: a question of its own would tell the container where the gateway is.
  break: [
    'ebtables -A INPUT -i veth1_p -p ARP -j DROP',
    'ip neigh flush dev br0',
    'ip netns exec net1 ip neigh flush all',
  ],
  undo: ['ebtables -D INPUT -i veth1_p -p ARP -j DROP'],
  expect: {
    cause: ['br-ebtables-arp-drop', 'br-ebtables-drop'],
    link: ['socket', 'container'],
    stage: 'bridge-forward',
    way: 'forward',
  },
};
