import type { Finding, Remedy } from '../../src/model/finding.js';
import { originLink, segmentLinks } from '../../src/model/path-queries.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { inside } from '../support/commands.js';
import { type Twin, twinOf } from '../support/twin.js';

export const ctrDuplicateAddress = defineCheck({
  meta: {
    id: 'ctr-duplicate-address',
    code: 'V1012',
    title: 'no other container has the same address',
    covers: ['ctr-duplicate-address', 'ctr-duplicate-ip'],
    requires: ['target.links', 'target.addresses'],
    references: ['RFC 5227', 'man 8 arping (-D)'],
  },
  page: {
    meaning: 'Two containers on one bridge have the same address: what is for the one is sent to the other.',
    path: 'host -> neighbour table: the MAC that spoke ARP last -> bridge -> the port of the other container.',
    decided:
      "The host's neighbour entry for the container has the MAC of a device in another namespace, which was read and has the same address.",
    byHand: [
      'ip neigh show ADDRESS',
      'bridge fdb show br BRIDGE',
      'arping -D -c 2 -I BRIDGE ADDRESS: two answers are two owners',
    ],
    origins: [
      'a container that was started with a fixed --ip which the pool had given away',
      'a restored snapshot or a copied configuration',
      'two address managers for one network',
    ],
    fixes: [
      'another address for one of the two: docker rm, and run it anew',
      'ip -n OTHER addr del ADDRESS dev eth0: where the other one has an address of its own besides',
      'ip neigh del ADDRESS dev BRIDGE: afterwards',
    ],
    prevention: 'Fixed addresses outside of the range that the pool gives out (--ip-range).',
    lab: 'ctr-duplicate-ip',
  },
  run(artifacts, context) {
    const twin = twinOf(context);
    if (!twin) return notApplicable('no other namespace is known to have the address');
    if (artifacts['target.links'].some(({ address }) => address === twin.entry.lladdr))
      return pass(`the host sends what is for ${twin.entry.address} to the container`);
    if (twin.owner.mac !== twin.entry.lladdr)
      return notApplicable('the host sends to neither of the two that have the address');
    const prefix = artifacts['target.addresses'].find(({ local }) => local === twin.entry.address)?.prefixLength;
    return fail(finding(context, twin, prefix ?? 32));
  },
});

const finding = (context: CheckContext, twin: Twin, prefixLength: number): Finding => {
  const { owner, step, entry } = twin;
  return {
    cause: 'ctr-duplicate-ip',
    title: `${owner.netns.name} has the address ${entry.address} too, and gets the replies`,
    place: { link: step.link, stage: 'neighbour', way: 'return', netns: 'host', device: entry.dev },
    loses: [
      { link: originLink(context.path).id, way: 'return' },
      ...segmentLinks(context.path).map((link) => ({ link: link.id, way: 'return' as const })),
    ],
    proof: [
      {
        kind: 'read',
        text: `neighbour ${entry.address} on ${entry.dev}: ${entry.lladdr} ${entry.states.join(' ')}`,
        command: ['ip', 'neigh', 'show', entry.address],
      },
      {
        kind: 'read',
        text: `${entry.lladdr} is ${owner.device} of ${owner.netns.name}, which has ${entry.address}`,
        command: inside(owner.netns, ['ip', 'addr', 'show', 'dev', owner.device]),
      },
      ...misled(context, entry.lladdr),
    ],
    remedies: [takeOut(context, twin, prefixLength)],
    notes: ['it changes with whoever speaks ARP last: the same fault may hit the other container a minute later'],
  };
};

/** Replies that were seen on their way to the other one. */
const misled = ({ sightings }: CheckContext, mac: string | null) => {
  const replies = sightings.filter(({ kind, packet }) => kind === 'reply' && packet.macDestination === mac).length;
  return replies === 0 ? [] : [{ kind: 'seen' as const, text: `${replies} frames with replies for ${mac}` }];
};

/** Certain where the twin has an address of its own in the subnet, to which this one was added, and the container has no other. */
const takeOut = (context: CheckContext, { owner, entry }: Twin, prefixLength: number): Remedy => {
  const address = `${entry.address}/${prefixLength}`;
  const at = (verb: 'add' | 'del') => inside(owner.netns, ['ip', 'addr', verb, address, 'dev', owner.device]);
  const forget = ['ip', 'neigh', 'del', entry.address, 'dev', entry.dev];
  const isOurs = context.owners(entry.address).some(({ netns, isSecondary }) => netns.id === 'target' && !isSecondary);
  if (owner.isSecondary && isOurs)
    return {
      kind: 'runtime',
      title: `take ${entry.address} from ${owner.netns.name}, which has an address of its own besides`,
      netns: 'host',
      commands: [at('del'), forget],
      undo: [at('add')],
      risk: 'medium',
      riskText: `whoever uses ${owner.netns.name} by this address does not reach it any more`,
    };
  return {
    kind: 'instruction',
    title: `give one of the two another address; take it from ${owner.netns.name}: ${at('del').join(' ')}, then: ${forget.join(' ')}`,
    netns: 'host',
    commands: [],
    undo: [],
    risk: 'medium',
    riskText: 'whichever of the two loses its address is cut off until it has another',
  };
};
