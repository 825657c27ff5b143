import { nicRxSoftnetDrop } from '../../checks/uplink/nic-rx-softnet-drop.js';
import { testCheck } from '../helpers/check-cases.js';
import { artifact, type Edit, edited, sysctl } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

const dropped = (packets: number): Edit =>
  artifact('host', 'counters', (all) => ({ ...all, 'Softnet.dropped': packets }), 'after');

const kernelSays =
  (reason: string | null): Edit =>
  (evidence) => ({
    ...evidence,
    kernelDrops: reason === null ? [] : evidence.kernelDrops.map((drop) => ({ ...drop, reason })),
  });

const length = sysctl('host', 'net.core.netdev_max_backlog', '1000');

/** Packets that the container sends and that its host end never gets. */
const lost = edited(recorded('veth-xdp-drop'), length);

const finding = {
  cause: 'nic-rx-softnet-drop',
  place: {
    link: 'container – veth-host',
    stage: 'veth',
    way: 'forward',
    netns: 'host',
    object: 'net.core.netdev_max_backlog',
  },
  loses: ['container – veth-host forward'],
  remedies: [['sysctl -w net.core.netdev_max_backlog=4000']],
} as const;

testCheck(nicRxSoftnetDrop, {
  fails: [
    {
      name: 'as many drops of the receive queues as packets are lost between the ends of the veth pair',
      evidence: edited(lost, kernelSays(null), dropped(3)),
      findings: [{ ...finding, proof: 'counted' }],
    },
    {
      name: 'a full receive queue, in the words of the kernel',
      evidence: edited(lost, kernelSays('CPU_BACKLOG')),
      findings: [{ ...finding, proof: 'inferred' }],
    },
    {
      name: 'a queue whose length is not known',
      evidence: edited(recorded('veth-xdp-drop'), kernelSays(null), dropped(3)),
      findings: [{ ...finding, proof: 'counted', remedies: ['instruction'] }],
    },
  ],
  passes: [
    {
      name: 'fewer drops than packets are lost',
      evidence: edited(lost, kernelSays(null), dropped(1)),
      because: 'what the receive queues of the processors dropped is not what is lost',
    },
    {
      name: 'the kernel names another reason',
      evidence: edited(lost, dropped(9)),
      because: 'what the receive queues of the processors dropped is not what is lost',
    },
    {
      name: 'packets that are lost elsewhere',
      evidence: edited(recorded('nf-forward-policy-drop'), dropped(9)),
      because: 'what the receive queues of the processors dropped is not what is lost',
    },
  ],
  notApplicable: [
    {
      name: 'queues that dropped nothing',
      evidence: edited(lost, kernelSays(null)),
      reason: 'the receive queues of the processors dropped nothing during the probe',
    },
  ],
});
