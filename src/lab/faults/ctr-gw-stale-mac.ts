import type { Fault } from '../fault.js';

export const ctrGwStaleMac: Fault = {
  id: 'ctr-gw-stale-mac',
  title: 'the container has a wrong MAC for its gateway, set by hand',
  topology: 'textbook',
  break: ['ip -n net1 neigh replace 192.168.0.1 lladdr 02:00:00:00:00:99 dev eth0 nud permanent'],
  undo: ['ip -n net1 neigh del 192.168.0.1 dev eth0'],
  expect: { cause: ['ctr-gw-stale-mac'], link: ['veth-host', 'bridge'], stage: 'bridge-forward', way: 'forward' },
};
