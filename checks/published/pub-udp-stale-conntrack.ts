import type { Remedy } from '../../src/model/finding.js';
import type { ConntrackEntry } from '../../src/model/state.js';
import { defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { inside } from '../support/commands.js';
import { entryOf, selectionOf, tupleWords, withoutEntry } from '../support/conntrack.js';
import { countedProof, listCommand, ruleName } from '../support/proofs.js';
import { isCertain, leadsToContainer, publishedAnew, publishedOf } from '../support/published.js';

export const pubUdpStaleConntrack = defineCheck({
  meta: {
    id: 'pub-udp-stale-conntrack',
    code: 'V5903',
    title: "conntrack leads a steady client's datagrams where the rules do",
    covers: ['pub-udp-stale-conntrack'],
    inbound: 'only',
    requires: ['host.addresses'],
    references: ['man 8 conntrack', 'https://docs.kernel.org/networking/nf_conntrack-sysctl.html'],
  },
  page: {
    meaning:
      'An entry of conntrack that was made while the rule for the published port was missing, or led elsewhere, still decides: the rules are right, and are not asked.',
    path: 'uplink -> conntrack: known flow -> nat PREROUTING: not asked -> where the entry leads: the host itself (no socket: port unreachable), or the old address of the container.',
    decided:
      'The probe is sent from the port of the steady client (--source-port). Conntrack of the host lists an entry of exactly that flow, made before the probe, that leads it elsewhere than the walk of the rules does for a flow that begins now; the captures see it come in and not leave towards the container.',
    byHand: [
      'conntrack -L -p udp --orig-port-dst PORT (the second src= is where it leads)',
      'iptables -t nat -nvxL PREROUTING (the counter of the rule stands still)',
      'vethoscope trace CONTAINER udp://ADDRESS:PORT --inbound --simulate netns:CLIENT --source-port CLIENT-PORT',
    ],
    origins: [
      'a client that sends on while the container restarts: syslog, DNS, VoIP, games, a VPN',
      'a container that came back with another address',
      'rules that were reloaded while traffic came in',
    ],
    fixes: [
      'conntrack -D -p udp --orig-port-dst PORT: all entries of the port; the next datagrams begin anew',
      'stop the client for longer than nf_conntrack_udp_timeout (30 s), or let it use another source port',
    ],
    prevention: 'Take the entries of a published UDP port out whenever its rule is put in; current runtimes do.',
    lab: 'pub-udp-stale-conntrack',
  },
  run(artifacts, context) {
    const { flow } = context;
    const published = publishedOf(context);
    if (!published) return notApplicable('no published port is asked for');
    if (flow.sourcePort === undefined) return notApplicable('the probe is not sent from the port of a steady client');
    if (context.conntrack('host') === null) return notApplicable('what conntrack knows was not read');
    const entry = entryOf(context, 'host');
    if (!entry) return pass('conntrack has no entry of this flow: the rules decide');
    if (!published.settledBy) return pass('the entry of conntrack leads where the rules do');
    const byRules = publishedAnew(context);
    const rule = byRules?.dnat?.translation.rule;
    if (!byRules || !rule || !isCertain(byRules) || !leadsToContainer(byRules))
      return notApplicable('that the rules lead the port to the container is not certain');
    const { link, hook, place } = published;
    const there = entry.reply.src;
    const isHere = artifacts['host.addresses'].some(({ local }) => local === there);
    const host = context.netns('host');
    const found = fail({
      cause: 'pub-udp-stale-conntrack',
      title: `an old conntrack entry leads this flow to ${isHere ? 'the host itself' : there}`,
      place: {
        link,
        stage: hook,
        way: 'forward',
        netns: 'host',
        object: `conntrack udp ${tupleWords(entry.original)}`,
      },
      loses: [{ link, way: 'forward' }],
      proof: [
        {
          kind: 'read',
          text: `conntrack knew ${tupleWords(entry.original)} before the probe, answered by ${there} port ${entry.reply.sport ?? '?'}`,
          command: inside(host, ['conntrack', '-L', ...selectionOf(entry.original)]),
          output: entry.text,
        },
        {
          kind: 'read',
          text: `a flow that begins now is led to ${context.target.name} by ${ruleName(rule)}: ${rule.text}`,
          command: inside(host, listCommand(rule)),
        },
        ...(context.ruleDelta('host', rule)?.packets === 0
          ? [
              {
                kind: 'counted' as const,
                text: `${ruleName(rule)} counted no packet during the probe: for a known flow it is not asked`,
                command: inside(host, listCommand(rule)),
              },
            ]
          : []),
        ...(isHere ? countedProof(context, 'host', flow.family === 6 ? 'Udp6.NoPorts' : 'Udp.NoPorts') : []),
      ],
      remedies: [deletion(entry)],
      notes: [
        `the rules for ${place} are right: do not change them`,
        `other steady clients of the port may have such an entry too: conntrack -D -p udp --orig-port-dst ${published.port}`,
      ],
    });
    return { ...found, onceMended: withoutEntry('host', entry) };
  },
});

const deletion = ({ original }: ConntrackEntry): Remedy => ({
  kind: 'runtime',
  title: "take out that entry: the client's next datagram makes a new one, by the rules as they are now",
  netns: 'host',
  commands: [['conntrack', '-D', ...selectionOf(original)]],
  undo: [],
  risk: 'low',
  riskText: 'nothing of this flow arrived, so nothing of it is lost; an entry that is taken out is not put back',
});
