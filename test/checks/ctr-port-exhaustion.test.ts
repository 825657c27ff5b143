import { ctrPortExhaustion } from '../../checks/container/ctr-port-exhaustion.js';
import type { Evidence } from '../../src/model/evidence.js';
import { testCheck } from '../helpers/check-cases.js';
import { edited, flow, sysctl } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

const evidence = recorded('ctr-port-exhaustion');
const KEY = 'net.ipv4.ip_local_port_range';

const finding = {
  cause: 'ctr-port-exhaustion',
  place: { link: 'socket – container', stage: 'socket', way: 'forward', netns: 'target', object: KEY },
  loses: ['socket – container forward'],
  proof: 'asked read',
} as const;

const saying =
  (text: string) =>
  (whole: Evidence): Evidence => ({
    ...whole,
    probe: whole.probe && {
      ...whole.probe,
      localError: text,
      answers: whole.probe.answers.map((answer) => ({ ...answer, text })),
    },
  });

const NO_CHOICE = 'no connection takes a source port of its own choice';

testCheck(ctrPortExhaustion, {
  fails: [
    {
      name: 'a range that is used up is made wider',
      evidence,
      findings: [{ ...finding, remedies: [[`ip netns exec net1 sysctl -w ${KEY}=1024 65535`]] }],
    },
    {
      name: 'where it is as wide as it gets, the program has to close connections',
      evidence: edited(evidence, sysctl('target', KEY, '1024\t65535')),
      findings: [{ ...finding, remedies: ['instruction'] }],
    },
  ],
  passes: [
    {
      name: 'another error of the socket is another fault',
      evidence: edited(evidence, saying('Network is unreachable')),
      because: 'connections find a source port',
    },
  ],
  notApplicable: [
    {
      name: 'a source address that the user chose, and that the container may not have',
      evidence: edited(evidence, (whole) => ({
        ...whole,
        probeSettings: { ...whole.probeSettings, source: '192.168.0.77' },
      })),
      reason: NO_CHOICE,
    },
    { name: 'a container without an address', evidence: edited(evidence, flow({ source: null })), reason: NO_CHOICE },
    { name: 'an echo has no port', evidence: recorded('textbook'), reason: NO_CHOICE },
    {
      name: 'connections that were opened',
      evidence: recorded('host-dest-is-local-vip'),
      reason: 'every connection could be opened',
    },
  ],
});
