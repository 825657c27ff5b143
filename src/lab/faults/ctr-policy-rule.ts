import type { Fault } from '../fault.js';

export const ctrPolicyRule: Fault = {
  id: 'ctr-policy-rule',
  title: 'a policy rule of the container discards the packets',
  topology: 'textbook',
  break: ['ip -n net1 rule add pref 100 to 203.0.113.0/24 blackhole'],
  undo: ['ip -n net1 rule del pref 100'],
  expect: { cause: ['ctr-policy-rule'], link: ['socket', 'container'], stage: 'route', way: 'forward' },
};
