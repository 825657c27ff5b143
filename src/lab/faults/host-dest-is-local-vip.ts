import type { Fault } from '../fault.js';
import { DESTINATION } from '../topologies/textbook.js';

export const hostDestIsLocalVip: Fault = {
  id: 'host-dest-is-local-vip',
  title: "the destination's address is on the host itself too",
  topology: 'textbook',
  break: [`ip addr add ${DESTINATION}/32 dev lo`],
  undo: [`ip addr del ${DESTINATION}/32 dev lo`],
  probe: { destination: `${DESTINATION}:80`, protocol: 'tcp' },
  expect: {
    cause: ['host-dest-is-local-vip', 'host-route-overlap'],
    link: ['bridge', 'service'],
    stage: 'route',
    way: 'forward',
  },
};
