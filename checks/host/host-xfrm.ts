import type { Finding } from '../../src/model/finding.js';
import { type StepOf, stepsOf } from '../../src/routing/flow-walk-types.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { inside } from '../support/commands.js';
import { countedProof } from '../support/proofs.js';

export const hostXfrm = defineCheck({
  meta: {
    id: 'host-xfrm',
    code: 'V3012',
    title: 'no policy of IPsec stops the packets',
    covers: ['host-xfrm', 'host-xfrm-block', 'host-xfrm-tunnel-no-sa'],
    requires: ['host.links'],
    references: ['man 8 ip-xfrm', 'RFC 4301'],
  },
  page: {
    meaning:
      'A policy of IPsec (xfrm) on the host matches the packets: it blocks them, or wants them in a tunnel that is not up.',
    path: 'bridge -> route look-up -> policy "fwd", policy "out" -> FORWARD. Both are asked before any rule of FORWARD.',
    decided:
      'The first policy for these addresses has the action block, or a template for which there is no security association; the packets end between bridge and uplink.',
    byHand: ['ip xfrm policy', 'ip xfrm state', 'cat /proc/net/xfrm_stat'],
    origins: [
      'strongSwan, libreswan: a subnet of containers inside the remote selector',
      'a tunnel that is down, with its policies left (trap)',
      'encrypted overlay networks whose keys are gone',
    ],
    fixes: [
      'bring the tunnel up (swanctl --initiate, ipsec up NAME)',
      'a bypass policy (passthrough) for the subnet of the containers',
      'ip xfrm policy del: at once; its owner may add it again',
    ],
    prevention: 'Keep the subnets of containers apart from those of the VPN.',
    lab: 'host-xfrm-block',
  },
  run(_artifacts, context) {
    if (context.path.routers.length === 0) return notApplicable('nothing is routed on this path');
    const [first, ...more] = stepsOf(context.walk, 'xfrm')
      .filter(({ netns }) => netns !== 'target')
      .map((step) => finding(context, step));
    return first ? fail(first, ...more) : pass('no policy of IPsec stops them');
  },
});

const finding = (context: CheckContext, { netns, link, way, detail }: StepOf<'xfrm'>): Finding => {
  const { policy, problem } = detail;
  const host = context.netns(netns);
  const text = `src ${policy.source} dst ${policy.destination} dir ${policy.direction} priority ${policy.priority}`;
  const [template] = policy.templates;
  const select = ['src', policy.source, 'dst', policy.destination, 'dir', policy.direction];
  const blocked = problem === 'blocked';
  return {
    cause: blocked ? 'host-xfrm-block' : 'host-xfrm-tunnel-no-sa',
    title: blocked
      ? `an IPsec policy blocks ${policy.source} to ${policy.destination}`
      : `IPsec: the tunnel of ${policy.source} to ${template?.destination} is not up`,
    place: { link, stage: 'forward', way, netns, object: `xfrm policy ${text}` },
    loses: [{ link, way }],
    proof: [
      { kind: 'read', text: blocked ? `${text} action block` : text, command: inside(host, ['ip', 'xfrm', 'policy']) },
      ...(template && !blocked
        ? [
            {
              kind: 'read' as const,
              text: `no security association from ${template.source} to ${template.destination}`,
              command: inside(host, ['ip', 'xfrm', 'state']),
            },
          ]
        : []),
      ...countedProof(context, netns, blocked ? 'Xfrm.InPolBlock' : 'Xfrm.OutNoStates'),
    ],
    remedies: [
      blocked
        ? {
            kind: 'runtime',
            title: 'delete that policy',
            netns,
            commands: [inside(host, ['ip', 'xfrm', 'policy', 'delete', ...select])],
            undo: [
              inside(host, [
                'ip',
                'xfrm',
                'policy',
                'add',
                ...select,
                'action',
                'block',
                'priority',
                `${policy.priority}`,
              ]),
            ],
            risk: 'medium',
            riskText: 'it may be meant: traffic that had to be encrypted then leaves in the clear',
          }
        : {
            kind: 'instruction',
            title: `bring the tunnel to ${template?.destination} up (swanctl --initiate, ipsec up NAME), or exempt ${policy.source} from it`,
            netns,
            commands: [],
            undo: [],
            risk: 'low',
            riskText: 'nothing is changed here',
          },
    ],
  };
};
