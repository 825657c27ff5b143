import { describe, expect, test } from 'vitest';
import { nfMasqNotApplied } from '../../checks/netfilter/nf-masq-not-applied.js';
import { diagnose } from '../../src/engine/diagnose.js';
import { testCheck } from '../helpers/check-cases.js';
import {
  artifact,
  type Edit,
  edited,
  inNetwork,
  iptables,
  sourceAt,
  unread,
  withoutCapture,
} from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

testCheck(nfMasqNotApplied, {
  fails: [
    {
      name: 'no rule at all: this network is masqueraded',
      evidence: recorded('nf-missing-masquerade'),
      findings: [
        {
          cause: 'nf-missing-masquerade',
          place: {
            link: 'bridge – uplink',
            stage: 'postrouting',
            way: 'forward',
            netns: 'host',
            object: 'nat POSTROUTING',
          },
          loses: ['uplink – outside return'],
          proof: 'seen read control',
          remedies: [['iptables -t nat -A POSTROUTING -s 192.168.0.0/24 ! -o br0 -j MASQUERADE']],
        },
      ],
    },
    {
      name: 'a rule for another interface is named',
      evidence: recorded('nf-masq-wrong-iface'),
      findings: [
        {
          cause: 'nf-masq-wrong-iface',
          place: {
            link: 'bridge – uplink',
            stage: 'postrouting',
            way: 'forward',
            netns: 'host',
            object: 'ip nat POSTROUTING rule 1',
          },
          loses: ['uplink – outside return'],
          proof: 'seen read control',
          remedies: [['iptables -t nat -A POSTROUTING -s 192.168.0.0/24 ! -o br0 -j MASQUERADE']],
        },
      ],
    },
    {
      name: 'a rule for another subnet is named',
      evidence: recorded('nf-masq-wrong-subnet'),
      findings: [
        {
          cause: 'nf-masq-wrong-subnet',
          place: {
            link: 'bridge – uplink',
            stage: 'postrouting',
            way: 'forward',
            netns: 'host',
            object: 'ip nat POSTROUTING rule 1',
          },
          loses: ['uplink – outside return'],
          proof: 'seen read control',
          remedies: [['iptables -t nat -A POSTROUTING -s 192.168.0.0/24 ! -o br0 -j MASQUERADE']],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'a source that is translated is in order',
      evidence: recorded('textbook'),
      because: 'the request leaves eth0 as 198.51.100.10',
    },
    {
      name: 'a network that is routed on purpose gets answers',
      evidence: edited(recorded('textbook'), sourceAt('h4', '192.168.0.2')),
      because: 'answers come back without translation',
    },
    {
      name: 'a wrong translation is the business of another check',
      evidence: recorded('nf-snat-wrong-ip'),
      because: 'the request leaves eth0 as 198.51.100.77',
    },
  ],
  notApplicable: [
    {
      name: 'where the rules could not be read, it is not said that there is none',
      evidence: edited(recorded('nf-missing-masquerade'), unread('host', 'nftables'), unread('host', 'iptablesNft')),
      reason: 'whether a rule translates it is not known: the nftables rules were not read: it went wrong',
    },
    {
      name: 'a translation that was neither seen nor read is not guessed',
      evidence: edited(
        recorded('nf-snat-wrong-ip'),
        unread('host', 'iptablesNft'),
        ...['h1', 'h2', 'h3'].map((hop) => withoutCapture(hop)),
      ),
      reason: 'whether the source is translated is not known',
    },
    {
      name: 'traffic within a bridge does not leave the host',
      evidence: recorded('two-containers'),
      reason: 'the flow does not leave the host',
    },
  ],
});

describe('what the runtime should have made', () => {
  const said = (...edits: readonly Edit[]): string => {
    const { findings } = diagnose(edited(recorded('nf-missing-masquerade'), ...edits));
    return findings.flatMap(({ proof }) => proof.map(({ text }) => text)).join('\n');
  };
  const dockerChain = iptables('host', '*nat\n:POSTROUTING ACCEPT [0:0]\n:DOCKER - [0:0]\nCOMMIT\n');

  test('Docker without any chain of its own', () => {
    expect(said(inNetwork())).toContain('has no chain here at all');
  });

  test('a rule that is missing beside its others', () => {
    expect(said(inNetwork(), dockerChain)).toContain('docker is to masquerade network shop, and its rule is not there');
  });

  test('a network that was made without', () => {
    expect(said(inNetwork({ masquerade: false }), dockerChain)).toContain('was made without masquerading');
  });

  test('Docker that keeps its rules in nftables has chains', () => {
    const table = { table: { family: 'ip', name: 'docker-bridges', handle: 90 } };
    const chain = { chain: { family: 'ip', table: 'docker-bridges', name: 'nat-postrouting', handle: 1 } };
    const nftables = artifact('host', 'nftables', (text) => {
      const ruleset = JSON.parse(text) as { readonly nftables: readonly unknown[] };
      return JSON.stringify({ nftables: [...ruleset.nftables, table, chain] });
    });
    expect(said(inNetwork(), nftables)).toContain('its rule is not there');
  });
});

describe('the program for the rule that is missing', () => {
  const NAT = '*nat\n:POSTROUTING ACCEPT [0:0]\n-A POSTROUTING -s 10.0.0.0/8 -j MASQUERADE\nCOMMIT\n';
  const FILTER = '*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -i br0 -j ACCEPT\nCOMMIT\n';
  const NONE = '';

  test.each([
    ['nft, where its back-end has NAT rules', NAT, NAT, 'iptables'],
    ['nft, where its back-end alone has any', NONE, FILTER, 'iptables'],
    ['nft, where legacy has rules but of another table', FILTER, NAT, 'iptables'],
    ['legacy, where it alone has NAT rules', NAT, FILTER, 'iptables-legacy'],
    ['legacy, where it alone has rules at all', FILTER, NONE, 'iptables-legacy'],
    ['that of the host, where nobody has any', NONE, NONE, 'iptables'],
  ])('is that of %s', (_, legacy, nft, tool) => {
    const { findings } = diagnose(
      edited(
        recorded('nf-missing-masquerade'),
        artifact('host', 'iptablesLegacy', () => legacy),
        artifact('host', 'iptablesNft', () => nft),
        artifact('host', 'nftables', () => '{"nftables": []}'),
      ),
    );
    const [finding] = findings.filter(({ cause }) => cause === 'nf-missing-masquerade');
    expect(finding?.remedies.at(-1)?.commands).toEqual([
      [tool, '-t', 'nat', '-A', 'POSTROUTING', '-s', '192.168.0.0/24', '!', '-o', 'br0', '-j', 'MASQUERADE'],
    ]);
    expect(finding?.proof.flatMap(({ command }) => command?.[0] ?? [])).toContain(tool);
  });
});
