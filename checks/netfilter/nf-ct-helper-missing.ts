import { hopOf, lastRouter } from '../../src/model/path-queries.js';
import { chainRules, findChains } from '../../src/netfilter/rules.js';
import type { RuleRef } from '../../src/netfilter/types.js';
import { asksTftp } from '../../src/parse/tftp.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { inside } from '../support/commands.js';
import { natTool, sourceAtUplink } from '../support/nat.js';
import { controlProof, countedProof } from '../support/proofs.js';

export const nfCtHelperMissing = defineCheck({
  meta: {
    id: 'nf-ct-helper-missing',
    code: 'V5540',
    title: 'conntrack expects the answers of a TFTP server',
    covers: ['nf-ct-helper-missing'],
    requires: [],
    references: ['man 8 iptables-extensions (CT)', 'RFC 1350 §4'],
  },
  page: {
    meaning:
      'A TFTP server answers from another port than the one that was asked. Without its helper conntrack takes the answer for a new flow to this host, and does not translate it back to the container.',
    path: 'outside -> uplink -> conntrack: no flow from that port, none expected -> route: local -> INPUT -> no socket of the host: port unreachable to the server.',
    decided:
      'The probe is a TFTP read request (port 69). The source is translated, the uplink sees answers from another port of the server to the translated address and port, the bridge sees none, and no rule gives packets a helper.',
    byHand: [
      'tcpdump -p -ni UPLINK host SERVER and udp',
      'conntrack -L -p udp -s SERVER (a second flow, UNREPLIED, to the address of the host)',
      'iptables -t raw -S PREROUTING (nft list ruleset: ct helper)',
    ],
    origins: [
      'Linux 6.0 took away what assigned helpers by itself (nf_conntrack_helper)',
      'a firewall that was written anew without the CT rules of the old one',
    ],
    fixes: [
      'iptables -t raw -A PREROUTING -p udp --dport 69 -j CT --helper tftp: the kernel loads nf_conntrack_tftp and nf_nat_tftp for it',
      'a server that answers from port 69 (dnsmasq: tftp-single-port), or the network of the host for the container',
    ],
    prevention:
      'Say which flow has which helper, in a rule of the raw table, wherever containers use TFTP, active FTP or SIP.',
    lab: 'nf-ct-helper-missing',
  },
  run(_artifacts, context) {
    const { flow, path, located } = context;
    const router = lastRouter(path);
    if (!asksTftp(flow) || flow.kind !== 'egress') return notApplicable('no TFTP server outside is asked');
    if (!router || flow.source === null) return notApplicable('the flow does not leave this host');
    const source = sourceAtUplink(context);
    if (source === null) return notApplicable('whether the source is translated is not known');
    if (source === flow.source) return notApplicable('the source is not translated');
    const port = otherPort(context);
    if (port === null) return notApplicable('no answer was seen that comes from another port');
    if (located.answered > 0) return pass('answers from another port arrive');
    const helper = helperRules(context, router.netns);
    if (helper === null) return notApplicable('not all rules were read');
    if (helper[0]) return notApplicable(`a rule gives packets a helper: ${helper[0].text}`);
    const netns = context.netns(router.netns);
    const tool = natTool(context, router.netns);
    const rule = ['-i', router.iif, '-p', 'udp', '--dport', `${flow.port}`, '-j', 'CT', '--helper', 'tftp'];
    const begun = context
      .conntrackAfter(router.netns)
      ?.find(({ original: { src, dst, sport } }) => src === flow.destination && dst === source && sport !== flow.port);
    return fail({
      cause: 'nf-ct-helper-missing',
      title: 'conntrack has no helper for TFTP: its answers are not translated',
      place: {
        link: router.link,
        stage: 'prerouting',
        way: 'return',
        netns: router.netns,
        object: `table ${flow.family === 6 ? 'ip6' : 'ip'} raw chain PREROUTING`,
      },
      loses: [{ link: router.link, way: 'return' }],
      proof: [
        {
          kind: 'seen',
          text: `answers come in from port ${port} of ${flow.destination}, not from port ${flow.port}, to ${source}`,
        },
        {
          kind: 'read',
          text: 'no rule of the host gives packets a helper of conntrack',
          command: inside(netns, [tool, '-t', 'raw', '-S']),
        },
        ...(begun
          ? [
              {
                kind: 'read' as const,
                text: `conntrack took an answer for a flow of its own, from port ${begun.original.sport} to this host`,
                command: inside(netns, ['conntrack', '-L', '-p', 'udp', '-s', flow.destination]),
                output: begun.text,
              },
            ]
          : []),
        ...countedProof(context, router.netns, flow.family === 6 ? 'Udp6.NoPorts' : 'Udp.NoPorts'),
        ...controlProof(context),
      ],
      remedies: [
        {
          kind: 'runtime',
          title: 'give the requests the helper of TFTP, which expects the answers',
          netns: router.netns,
          commands: [inside(netns, [tool, '-t', 'raw', '-I', 'PREROUTING', '1', ...rule])],
          undo: [inside(netns, [tool, '-t', 'raw', '-D', 'PREROUTING', ...rule])],
          risk: 'low',
          riskText: `a server that is asked from ${router.iif} may send to the port that asked, from any port of its own`,
        },
      ],
      notes: [
        'where the kernel does not find the helper: modprobe nf_nat_tftp, then the rule again',
        'the answer is RELATED: a firewall that accepts ESTABLISHED alone still drops it',
      ],
    });
  },
});

/** The port that an answer came in from by the uplink, where it is not the one that was asked. */
const otherPort = ({ sightings, path, flow }: CheckContext): number | null => {
  const uplink = hopOf(path, 'uplink')?.id;
  const seen = sightings.find(
    ({ hop, kind, packet: { udp } }) =>
      hop === uplink && kind === 'reply' && udp !== null && udp.sourcePort !== flow.port,
  );
  return seen?.packet.udp?.sourcePort ?? null;
};

/** Rules that give packets a helper of conntrack; `null` where not all rules were read, or what one gives: nft shows no more of it than CT. */
const helperRules = (context: CheckContext, netns: string): readonly RuleRef[] | null => {
  const state = context.netfilter(netns);
  if (state === null || state.unread.some(({ families }) => families.includes(context.flow.family))) return null;
  const rules = findChains(state, () => true).flatMap((chain) => chainRules(state, chain));
  if (rules.some(({ target, text }) => target === 'CT' && !text.includes('-j CT'))) return null;
  return rules.filter(({ text }) => /--helper |\bct helper set\b/.test(text));
};
