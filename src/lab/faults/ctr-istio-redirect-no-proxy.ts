import type { Fault } from '../fault.js';

export const ctrIstioRedirectNoProxy: Fault = {
  id: 'ctr-istio-redirect-no-proxy',
  title: 'connections are redirected to a proxy in the container that is not there',
  topology: 'textbook',
  break: ['ip netns exec net1 iptables -t nat -A OUTPUT -p tcp -j REDIRECT --to-ports 15001'],
  undo: ['ip netns exec net1 iptables -t nat -D OUTPUT -p tcp -j REDIRECT --to-ports 15001'],
  probe: { destination: '203.0.113.5:80', protocol: 'tcp' },
  expect: {
    cause: ['ctr-istio-redirect-no-proxy', 'nf-redirect-hijack'],
    link: ['socket', 'container'],
    stage: 'output',
    way: 'forward',
  },
};
