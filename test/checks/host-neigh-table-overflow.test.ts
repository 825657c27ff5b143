import { hostNeighTableOverflow } from '../../checks/host/host-neigh-table-overflow.js';
import { testCheck } from '../helpers/check-cases.js';
import { artifact, type Edit, edited, sysctl } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

const GATEWAY = '198.51.100.99';

const full = (times: number): Edit =>
  artifact('host', 'counters', (all) => ({ ...all, 'Arp.table_fulls': times }), 'after');

const withoutEntry: Edit = artifact('host', 'neighbours', (all) => all.filter(({ address }) => address !== GATEWAY));

/** The kernel's drop of a packet on its way out by the uplink. */
const kernelSays =
  (reason: string): Edit =>
  (evidence) => {
    const link = evidence.path.routers[0]?.link ?? '';
    const drop = {
      reason,
      function: 'ip_finish_output2',
      at: 0,
      words: '',
      probe: null,
      device: 'eth0',
      netns: 'host',
    };
    return { ...evidence, kernelDrops: [{ ...drop, way: 'forward', link, stages: ['neighbour'], devices: [] }] };
  };

const sized: Edit = (evidence) =>
  edited(
    evidence,
    sysctl('host', 'net.ipv4.neigh.default.gc_thresh2', '512'),
    sysctl('host', 'net.ipv4.neigh.default.gc_thresh3', '1024'),
  );

/** The host asks nobody, since there is no room for the entry: the packets are lost before the uplink. */
const lost = edited(recorded('host-gateway-unreachable'), withoutEntry, sized);

const finding = {
  cause: 'host-neigh-table-overflow',
  place: {
    link: 'bridge – uplink',
    stage: 'neighbour',
    way: 'forward',
    netns: 'host',
    device: 'eth0',
    object: 'net.ipv4.neigh.default.gc_thresh3',
  },
  loses: ['bridge – uplink forward'],
  remedies: [['sysctl -w net.ipv4.neigh.default.gc_thresh3=4096', 'sysctl -w net.ipv4.neigh.default.gc_thresh2=2048']],
} as const;

testCheck(hostNeighTableOverflow, {
  fails: [
    {
      name: 'a table that was full as often as packets were lost',
      evidence: edited(lost, full(3)),
      findings: [{ ...finding, proof: 'read counted' }],
    },
    {
      name: 'a table that was full, in the words of the kernel',
      evidence: edited(lost, kernelSays('NEIGH_CREATEFAIL')),
      findings: [{ ...finding, proof: 'read' }],
    },
    {
      name: 'a table whose size is not known',
      evidence: edited(recorded('host-gateway-unreachable'), withoutEntry, full(3)),
      findings: [{ ...finding, proof: 'read counted', remedies: ['instruction'] }],
    },
  ],
  passes: [
    {
      name: 'a neighbour that was asked has an entry',
      evidence: edited(recorded('host-gateway-unreachable'), full(3)),
      because: 'the table of neighbours was full during the probe, and not for the next hops of these packets',
    },
    {
      name: 'the kernel names another reason',
      evidence: edited(lost, kernelSays('NEIGH_FAILED'), full(3)),
      because: 'the table of neighbours was full during the probe, and not for the next hops of these packets',
    },
    {
      name: 'packets that others lost',
      evidence: edited(recorded('nf-forward-policy-drop'), withoutEntry, full(3)),
      because: 'the table of neighbours was full during the probe, and not for the next hops of these packets',
    },
  ],
  notApplicable: [
    {
      name: 'a table that was never full',
      evidence: lost,
      reason: 'no table of neighbours was full during the probe',
    },
    {
      name: 'the table of the other family',
      evidence: edited(recorded('ip6-forwarding-off'), full(3)),
      reason: 'no table of neighbours was full during the probe',
    },
  ],
});
