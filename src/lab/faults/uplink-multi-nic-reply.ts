import type { Fault } from '../fault.js';
import { DESTINATION } from '../topologies/textbook.js';

export const uplinkMultiNicReply: Fault = {
  id: 'uplink-multi-nic-reply',
  title: 'a client comes in by the second uplink, and is answered by the first',
  topology: 'second-uplink',
  // The client comes from far away: the route back to it is the default route, by the first uplink.
  break: [
    `ip -n outside route replace 198.51.101.0/24 dev up1 proto kernel scope link src ${DESTINATION}`,
    'ip netns exec outside sysctl -qw net.ipv4.conf.all.rp_filter=1',
  ],
  undo: [
    'ip netns exec outside sysctl -qw net.ipv4.conf.all.rp_filter=0',
    'ip -n outside route replace 198.51.101.0/24 dev up1 proto kernel scope link src 198.51.101.1',
  ],
  probe: { destination: '198.51.101.10:8080', protocol: 'tcp', from: 'netns:outside' },
  expect: {
    cause: ['uplink-multi-nic-reply', 'uplink-no-answer'],
    link: ['uplink', 'bridge'],
    stage: 'route',
    way: 'return',
  },
};
