import ipaddr from 'ipaddr.js';
import type { Finding } from '../../src/model/finding.js';
import { hopOf } from '../../src/model/path-queries.js';
import type { AddressState } from '../../src/model/state.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { inside } from '../support/commands.js';
import { globalAddresses } from '../support/container.js';
import { seenErrorProof } from '../support/seen-errors.js';

export const ip6DadFailed = defineCheck({
  meta: {
    id: 'ip6-dad-failed',
    code: 'V1024',
    title: 'the container may use its IPv6 address',
    covers: ['ip6-dad-failed'],
    requires: ['target.addresses'],
    references: ['RFC 4862 section 5.4', 'RFC 4007 section 9', 'man 8 ip-address (dadfailed)'],
  },
  page: {
    meaning:
      'The container found that another machine has its IPv6 address, or heard its own question: it does not use the address, and sends from its link-local one.',
    path: 'container: address tentative -> "who has it?" answered -> dadfailed; packets leave from fe80::/10 -> router: must not forward them, "beyond scope of source address".',
    decided:
      'The only global IPv6 addresses of the device have the flag dadfailed, the packets come from a link-local address, and they are lost at the first router.',
    byHand: [
      'ip -n NETNS -6 addr show dadfailed',
      'ip -n NETNS -6 route get DESTINATION',
      'tcpdump -ni BRIDGE "icmp6[0] == 135"',
    ],
    origins: [
      'two containers with one address: fixed addresses, a restored snapshot, a pool that gave it twice',
      'a loop, or a port with hairpin on, that brings the question back, and net.ipv6.conf.*.enhanced_dad = 0',
    ],
    fixes: [
      'give one of the two another address',
      'where nobody else has it: ip -6 addr del and add it again with "nodad", or net.ipv6.conf.eth0.accept_dad=0 before',
    ],
    prevention: 'Let one program alone give out addresses; runtimes that do so add theirs with nodad.',
    lab: null,
  },
  run(artifacts, context) {
    const { flow, path } = context;
    const device = hopOf(path, 'container')?.ifname;
    if (flow.family !== 6 || !device) return notApplicable('IPv4 addresses are used at once');
    const own = globalAddresses(artifacts['target.addresses'], 6).filter(({ ifname }) => ifname === device);
    const failed = own.filter(({ flags }) => flags.includes('dadfailed'));
    const [first] = failed;
    if (!first) return notApplicable('no address of the container was found to be a duplicate');
    const [router] = path.routers;
    if (!router) return notApplicable('no router is asked: a link-local source will do');
    if (flow.source === null || ipaddr.parse(flow.source).range() !== 'linkLocal')
      return pass(`the packets come from ${flow.source ?? 'an address that is not known'}`);
    return fail(finding(context, first, device, router));
  },
});

/** Type of ICMPv6: the router says "beyond scope of source address" (code 2). @see RFC 4443 section 3.1 */
const UNREACHABLE = 1;

const finding = (
  context: CheckContext,
  { local, prefixLength }: AddressState,
  device: string,
  router: CheckContext['path']['routers'][number],
): Finding => {
  const netns = context.netns('target');
  const twin = context.owners(local).find((owner) => owner.netns.id !== 'target');
  const address = `${local}/${prefixLength}`;
  return {
    cause: 'ip6-dad-failed',
    title: `${local} of the container's ${device} is a duplicate: the packets come from ${context.flow.source}`,
    place: { link: router.link, stage: 'route', way: 'forward', netns: router.netns, device: router.iif },
    loses: [{ link: router.link, way: 'forward' }],
    proof: [
      {
        kind: 'read',
        text: `${address}: dadfailed`,
        command: inside(netns, ['ip', '-6', 'addr', 'show', 'dev', device, 'dadfailed']),
      },
      ...(twin
        ? [
            {
              kind: 'read' as const,
              text: `${twin.device} of ${twin.netns.name} has ${local} too`,
              command: inside(twin.netns, ['ip', '-6', 'addr', 'show', 'dev', twin.device]),
            },
          ]
        : []),
      ...seenErrorProof(context, UNREACHABLE),
    ],
    remedies: [
      {
        kind: 'instruction',
        title: `give one of the two another address; where nobody else has it: ip -6 addr del ${address} dev ${device}, and add it again with nodad`,
        netns: 'target',
        commands: [],
        undo: [],
        risk: 'medium',
        riskText: 'with nodad and a duplicate, answers go to whichever of the two speaks last',
      },
    ],
    notes: ['neighbours on the same link are reached: a link-local source will do there'],
  };
};
