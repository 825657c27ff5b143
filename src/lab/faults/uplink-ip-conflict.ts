import type { Fault } from '../fault.js';

export const uplinkIpConflict: Fault = {
  id: 'uplink-ip-conflict',
  title: "another machine of the network has the host's address",
  topology: 'textbook',
  // The twin has traffic of its own, before which it asks for the gateway: by that the router takes its MAC for the host's.
  break: [
    'ip netns add twin',
    'ip -n twin link set lo up',
    'ip -n outside link add sw0 type bridge',
    'ip -n outside addr del 198.51.100.1/24 dev up0',
    'ip -n outside addr add 198.51.100.1/24 dev sw0',
    'ip -n outside link set sw0 up',
    'ip -n outside link set up0 master sw0',
    'ip -n outside link add p1 type veth peer name p2 netns twin',
    'ip -n outside link set p1 master sw0 up',
    'ip -n twin addr add 198.51.100.10/24 dev p2',
    'ip -n twin link set p2 up',
    'ip neigh flush dev eth0',
    'ping -c 1 -W 2 198.51.100.1 >/dev/null',
    'ip netns exec twin sh -c "while :; do ip neigh flush dev p2; ping -c 1 -W 0.2 198.51.100.1; done" >/dev/null 2>&1 & echo $! >/run/twin',
    'for i in $(seq 60); do ip -n outside neigh show 198.51.100.10 | grep -q "$(ip -n twin -o link show p2 | sed "s/.*ether \\([0-9a-f:]*\\).*/\\1/")" && break; sleep 0.05; done',
  ],
  undo: [
    'kill $(cat /run/twin)',
    'ip -n outside link del p1',
    'ip netns del twin',
    'ip -n outside link del sw0',
    'ip -n outside addr add 198.51.100.1/24 dev up0',
    'ip -n outside neigh flush all',
    'ip neigh flush dev eth0',
  ],
  expect: {
    cause: ['uplink-ip-conflict', 'uplink-no-neighbour'],
    link: ['uplink', 'outside'],
    way: 'return',
  },
};
