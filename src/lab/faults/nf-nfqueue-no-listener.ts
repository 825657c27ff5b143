import type { Fault } from '../fault.js';

export const nfNfqueueNoListener: Fault = {
  id: 'nf-nfqueue-no-listener',
  title: 'packets are queued for a program that is not there',
  topology: 'textbook',
  break: ['iptables -A FORWARD -j NFQUEUE --queue-num 5'],
  undo: ['iptables -D FORWARD -j NFQUEUE --queue-num 5'],
  expect: { cause: ['nf-nfqueue-no-listener'], link: ['bridge', 'uplink'], stage: 'forward', way: 'forward' },
};
