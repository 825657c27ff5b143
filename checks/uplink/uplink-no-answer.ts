import { hopOf, lastRouter, wireLink } from '../../src/model/path-queries.js';
import { stepsOf } from '../../src/routing/flow-walk-types.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { isHostAddress, isPrivate, sourceAtUplink } from '../support/nat.js';

export const uplinkNoAnswer = defineCheck({
  meta: {
    id: 'uplink-no-answer',
    code: 'V7001',
    title: 'the outside answers',
    covers: ['uplink-no-answer', 'uplink-upstream-drops', 'uplink-remote-ignores-icmp'],
    requires: ['host.addresses', 'host.links'],
    references: ['RFC 1122 §3.2.2.6'],
  },
  page: {
    meaning: 'The packets leave this host as they should, and nothing comes back: the fault is not on this host.',
    path: 'uplink -> outside: a firewall upstream, a dead destination, or one that ignores this probe.',
    decided:
      'All probes are seen on the uplink with an address of this host, no answer arrives there, and the same probe from the host itself is not answered either.',
    byHand: [
      'tcpdump -p -ni eth0 host 203.0.113.5',
      'ping -c 3 203.0.113.5',
      'trace again with tcp://DESTINATION:PORT',
    ],
    origins: [
      'a firewall or a cloud security group upstream',
      'the destination ignores ICMP echo',
      'the destination is down',
    ],
    fixes: [
      'try the protocol that the application uses: trace CONTAINER tcp://DESTINATION:PORT',
      'ask those who run the network upstream, with this report',
    ],
    prevention: 'Probe destinations that are known to answer.',
    lab: 'uplink-upstream-drops',
  },
  run(artifacts, context) {
    const router = lastRouter(context.path);
    const wire = wireLink(context.path);
    if (!router || !wire || router.oif === null) return notApplicable('the flow does not leave the host');
    if (context.located.answered > 0 || context.located.replyBy.length > 0) return pass('answers come back');
    if (isPrivate(context.flow.destination) && !usesGateway(context))
      return notApplicable('the container may take the destination for a neighbour of its own');
    const uplink = artifacts['host.links'].find((link) => link.ifname === router.oif);
    if (!uplink?.flags.includes('LOWER_UP')) return notApplicable(`${router.oif} has no carrier`);
    const seen = context.located.counts.find((count) => count.hop === hopOf(context.path, 'uplink')?.id);
    if (!seen || seen.forward === 0) return notApplicable('the packets do not reach the uplink');
    const unwatched = context.path.hops.find(
      (hop) =>
        hop.role === 'alternate-uplink' &&
        context.located.counts.some((count) => count.hop === hop.id && !count.trusted),
    );
    if (unwatched) return notApplicable(`answers may have come by ${unwatched.ifname}, which was not watched`);
    if (context.flow.protocol === 'udp')
      return notApplicable('a UDP service need not answer what it does not understand');
    const source = sourceAtUplink(context);
    const own = source !== null && (isHostAddress(artifacts['host.addresses'], source) || !isPrivate(source));
    const control = context.control?.failure === null ? context.control : null;
    if (control && control.answered > 0) return pass('the same probe from the host itself is answered');
    return fail({
      cause: 'uplink-no-answer',
      title: `${context.flow.destination} does not answer${control ? ', nor does it answer the host itself' : ''}`,
      place: { link: wire.id, stage: 'outside', way: 'forward', netns: 'host', device: router.oif },
      loses: [{ link: wire.id, way: 'forward' }],
      proof: [
        {
          kind: 'seen',
          text: `requests leave ${router.oif} as ${source ?? '?'}`,
        },
        control
          ? {
              kind: 'control',
              text: `the same probe from the host itself: 0 of ${control.sent} answered`,
              command: control.command,
            }
          : { kind: 'inferred', text: 'the host itself was not probed' },
      ],
      remedies: [
        {
          kind: 'instruction',
          title:
            'nothing on this host can mend it: try the port of the application (tcp://…), then ask those who run the network upstream',
          netns: 'host',
          commands: [],
          undo: [],
          risk: 'low',
          riskText: 'nothing is changed here',
        },
      ],
      notes: own
        ? []
        : [`the source ${source ?? '?'} is private; once the outside answers the host, that will be the next fault`],
    });
  },
});

/** Whether the container's own route to the destination names a gateway: what it sends to a neighbour is meant for no router. */
const usesGateway = (context: CheckContext): boolean =>
  stepsOf(context.walk, 'route').some(
    ({ netns, way, detail }) => netns === 'target' && way === 'forward' && detail.answer.gateway !== null,
  );
