import { ctrNoCapNetRaw } from '../../checks/container/ctr-no-cap-net-raw.js';
import type { ProcessContext } from '../../src/model/process-context.js';
import { testCheck } from '../helpers/check-cases.js';
import { artifact, type Edit, edited } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

const evidence = recorded('ctr-no-cap-net-raw');

const withProcess =
  (change: Partial<ProcessContext>): Edit =>
  (whole) => ({ ...whole, process: { pid: 4711, rawSockets: 'no', groups: [0], ...change } });

const range = (text: string): Edit =>
  artifact('target', 'sysctls', (all) => ({ ...all, 'net.ipv4.ping_group_range': text }));

const finding = {
  cause: 'ctr-no-cap-net-raw',
  place: {
    link: 'socket – container',
    stage: 'socket',
    way: 'forward',
    netns: 'target',
    object: 'net.ipv4.ping_group_range',
  },
  loses: ['socket – container forward'],
  proof: 'read read',
} as const;

const allow = `nsenter --net=${evidence.target.netnsPath} sysctl -w net.ipv4.ping_group_range=0 2147483647`;

testCheck(ctrNoCapNetRaw, {
  fails: [
    {
      name: 'a program without CAP_NET_RAW, and nobody may ping without it',
      evidence,
      findings: [{ ...finding, remedies: [[allow]] }],
    },
    {
      name: 'its groups lie beside those that may ping',
      evidence: edited(evidence, withProcess({ groups: [65534, 1000] }), range('0\t999')),
      findings: [{ ...finding, remedies: [[allow]] }],
    },
    {
      name: 'the same for IPv6, which asks the same range',
      evidence: edited(evidence, (whole) => ({
        ...whole,
        flow: { ...whole.flow, family: 6, source: '2001:db8::2', destination: '2001:db8:1::5' },
      })),
      findings: [{ ...finding, remedies: [[allow]] }],
    },
  ],
  passes: [
    {
      name: 'a program that has the capability',
      evidence: edited(evidence, withProcess({ rawSockets: 'yes' })),
      because: 'process 4711 has CAP_NET_RAW',
    },
    {
      name: 'a group that may ping without it, as Docker and Podman set it',
      evidence: edited(evidence, withProcess({}), range('0\t0')),
      because: 'process 4711 has no CAP_NET_RAW, and a group of it may ping (net.ipv4.ping_group_range 0 0)',
    },
    {
      name: 'a supplementary group does too',
      evidence: edited(evidence, withProcess({ groups: [65534, 2000] }), range('2000\t2000')),
      because: 'process 4711 has no CAP_NET_RAW, and a group of it may ping (net.ipv4.ping_group_range 2000 2000)',
    },
    {
      name: 'a user other than root may start a ping with file capabilities: only a possible problem',
      evidence: edited(evidence, withProcess({ rawSockets: 'by-file' })),
      because: 'process 4711 has no CAP_NET_RAW, and may start a ping that has it',
    },
  ],
  notApplicable: [
    {
      name: 'a namespace without a process',
      evidence: edited(evidence, ({ process: _, ...whole }) => whole),
      reason: 'the target is no process',
    },
    {
      name: 'a connection, which needs no such socket',
      evidence: edited(evidence, (whole) => ({ ...whole, flow: { ...whole.flow, protocol: 'tcp', port: 80 } })),
      reason: 'only pings need a socket for ICMP',
    },
    {
      name: 'a range that was not read',
      evidence: edited(
        evidence,
        artifact('target', 'sysctls', ({ 'net.ipv4.ping_group_range': _, ...all }) => all),
      ),
      reason: 'net.ipv4.ping_group_range was not read',
    },
  ],
});
