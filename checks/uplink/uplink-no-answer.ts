import { type CheckContext, defineCheck, fail, notApplicable } from '../define-check.js';
import { twinHeard } from '../support/heard-twin.js';
import { lostService } from '../support/lost-service.js';
import { isTracked } from '../support/nat.js';
import { firstAddress, otherSource } from '../support/other-source.js';
import { ANSWERS_HOST, quietOutside } from '../support/silent-outside.js';
import { strayed } from '../support/stray.js';
import { isTunnelled } from '../support/tunnel.js';

export const uplinkNoAnswer = defineCheck({
  meta: {
    id: 'uplink-no-answer',
    code: 'V7001',
    title: 'the outside answers',
    covers: [
      'uplink-no-answer',
      'uplink-upstream-drops',
      'uplink-remote-ignores-icmp',
      'ovl-hostgw-upstream-no-route',
      'uplink-fragments-dropped',
      'uplink-antispoof-src-ip',
    ],
    requires: ['host.addresses', 'host.links', 'host.neighbours', 'host.routes', 'host.rules'],
    references: ['RFC 1122 §3.2.2.6'],
  },
  page: {
    meaning: 'The packets leave this host as they should, and nothing comes back: the fault is not on this host.',
    path: 'uplink -> outside: a firewall upstream, a dead destination, or one that ignores this probe.',
    decided:
      'All probes are seen on the uplink with an address of this host, no answer arrives there, and the same probe from the host itself is not answered either; or it is, and has another source address.',
    byHand: [
      'tcpdump -p -ni eth0 host 203.0.113.5',
      'ping -c 3 203.0.113.5',
      'trace again with tcp://DESTINATION:PORT',
    ],
    origins: [
      'a firewall or a cloud security group upstream',
      'a cloud fabric that takes packets of the first address of an interface alone',
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
    if (context.flow.protocol === 'udp')
      return notApplicable(
        context.flow.dns
          ? 'a check of its own looks at DNS servers'
          : 'a UDP service need not answer what it does not understand',
      );
    if (isTunnelled(context)) return notApplicable('a check of its own looks at what goes through a tunnel');
    if (!isTracked(context, 'host')) return notApplicable('what conntrack makes of the connection is not known');
    const stray = strayed(artifacts, context);
    if (stray) return notApplicable(`the packets may be meant to go by ${stray.link.ifname}`);
    if (lostService(context) !== 'no') return notApplicable('the destination may be a service that no rule translates');
    if (twinHeard(artifacts, context)) return notApplicable("another machine has the host's address");
    const quiet = quietOutside(artifacts, context);
    if ('status' in quiet) return quiet;
    const { wire, device, source, own, control } = quiet;
    if (control && control.answered > 0) {
      const first = firstAddress(artifacts['host.addresses'], context, quiet);
      return first === null ? ANSWERS_HOST : fail(otherSource(quiet, first, control));
    }
    return fail({
      cause: 'uplink-no-answer',
      title: `${context.flow.destination} does not answer${control ? ', nor does it answer the host itself' : ''}`,
      place: { link: wire.id, stage: 'outside', way: 'forward', netns: 'host', device },
      loses: [{ link: wire.id, way: 'forward' }],
      proof: [
        {
          kind: 'seen',
          text: `requests leave ${device} as ${source ?? '?'}`,
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
      notes: [
        ...(own
          ? []
          : [`the source ${source ?? '?'} is private; once the outside answers the host, that will be the next fault`]),
        ...fragmentsNote(context, artifacts['host.links'].find(({ ifname }) => ifname === device)?.mtu),
      ],
    });
  },
});

/** What leaves in fragments says nothing of what fits one packet. */
const fragmentsNote = ({ sent }: CheckContext, mtu = Number.POSITIVE_INFINITY): readonly string[] =>
  sent.bytes > mtu && !sent.df
    ? [`each probe of ${sent.bytes} bytes leaves in fragments, which some networks drop: trace again with --size 1000`]
    : [];
