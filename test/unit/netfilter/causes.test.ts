import { describe, expect, it } from 'vitest';
import { loadNetfilter } from '../../../src/netfilter/load.js';
import { isReachable, sourceTranslations } from '../../../src/netfilter/rules.js';
import type { Hook, HookPacket, HookWalk } from '../../../src/netfilter/types.js';
import { walkHook } from '../../../src/netfilter/walk-hook.js';
import { netnsState, textbookContext, textbookPacket, textbookReply } from './helpers/state.js';

const filter = (rules: readonly string[], chains: readonly string[] = [], forward = 'ACCEPT'): string =>
  [
    '*filter',
    ':INPUT ACCEPT [0:0]',
    `:FORWARD ${forward} [7:588]`,
    ':OUTPUT ACCEPT [0:0]',
    ...chains.map((chain) => `:${chain} - [0:0]`),
    ...rules.map((rule) => `[0:0] -A ${rule}`),
    'COMMIT',
    '',
  ].join('\n');

const nat = (...rules: readonly string[]): string =>
  [
    '*nat',
    ':PREROUTING ACCEPT [0:0]',
    ':INPUT ACCEPT [0:0]',
    ':OUTPUT ACCEPT [0:0]',
    ':POSTROUTING ACCEPT [0:0]',
    ...rules.map((rule) => `[0:0] -A ${rule}`),
    'COMMIT',
    '',
  ].join('\n');

/** The same dump by either back-end must give the same walk. */
const BACKENDS = ['iptablesNft', 'iptablesLegacy'] as const;

const walks = (save: string, hook: Hook, packet: HookPacket): readonly HookWalk[] =>
  BACKENDS.map((backend) => walkHook(loadNetfilter(netnsState({ [backend]: save })), hook, packet, textbookContext));

describe('the causes of a lost packet in FORWARD', () => {
  it('the policy drops', () => {
    for (const walk of walks(filter([], [], 'DROP'), 'forward', textbookPacket)) {
      expect(walk.verdict).toBe('drop');
      expect(walk.decidedBy).toMatchObject({
        table: 'filter',
        chain: 'FORWARD',
        index: null,
        text: 'policy DROP',
        target: 'DROP',
        counter: { packets: 7, bytes: 588 },
      });
    }
  });

  it('the request is allowed, its reply is not', () => {
    const save = filter(['FORWARD -i br0 -j ACCEPT'], [], 'DROP');
    for (const walk of walks(save, 'forward', textbookPacket)) expect(walk.verdict).toBe('accept');
    for (const walk of walks(save, 'forward', textbookReply)) {
      expect(walk.verdict).toBe('drop');
      expect(walk.decidedBy?.index).toBeNull();
    }
    const mended = filter(
      ['FORWARD -i br0 -j ACCEPT', 'FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT'],
      [],
      'DROP',
    );
    for (const walk of walks(mended, 'forward', textbookReply)) expect(walk.verdict).toBe('accept');
  });

  const docker = [
    'FORWARD -j DOCKER-USER',
    'FORWARD -j DOCKER-ISOLATION-STAGE-1',
    'FORWARD -o br0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    'FORWARD -i br0 ! -o br0 -j ACCEPT',
    'DOCKER-ISOLATION-STAGE-1 -i br0 ! -o br0 -j DOCKER-ISOLATION-STAGE-2',
    'DOCKER-ISOLATION-STAGE-1 -j RETURN',
    'DOCKER-ISOLATION-STAGE-2 -o br1 -j DROP',
    'DOCKER-ISOLATION-STAGE-2 -j RETURN',
  ];
  const dockerChains = ['DOCKER-USER', 'DOCKER-ISOLATION-STAGE-1', 'DOCKER-ISOLATION-STAGE-2'];

  it('a rule of DOCKER-USER drops', () => {
    const rules = [...docker, 'DOCKER-USER -s 192.168.0.0/24 -d 203.0.113.0/24 -j DROP'];
    for (const walk of walks(filter(rules, dockerChains, 'DROP'), 'forward', textbookPacket)) {
      expect(walk.verdict).toBe('drop');
      expect(walk.decidedBy).toMatchObject({ chain: 'DOCKER-USER', index: 1 });
      expect(walk.met.map((rule) => `${rule.chain} ${rule.index} ${rule.target}`)).toEqual([
        'FORWARD 1 DOCKER-USER',
        'DOCKER-USER 1 DROP',
      ]);
    }
  });

  it('the isolation of Docker networks drops between bridges and nowhere else', () => {
    const save = filter(docker, dockerChains, 'DROP');
    for (const walk of walks(save, 'forward', { ...textbookPacket, destination: '192.168.1.2', oif: 'br1' })) {
      expect(walk.decidedBy).toMatchObject({ chain: 'DOCKER-ISOLATION-STAGE-2', index: 1, target: 'DROP' });
    }
    for (const walk of walks(save, 'forward', textbookPacket)) {
      expect(walk.verdict).toBe('accept');
      expect(walk.met.at(-1)).toMatchObject({ chain: 'FORWARD', index: 4 });
    }
  });

  it('chains that nothing leads to any more are not reachable', () => {
    const state = loadNetfilter(netnsState({ iptablesNft: filter([], dockerChains, 'DROP') }));
    const chain = { backend: 'nft', family: 'ip', table: 'filter', chain: 'DOCKER-USER' } as const;
    expect(isReachable(state, chain)).toBe(false);
    const whole = loadNetfilter(netnsState({ iptablesNft: filter(docker, dockerChains, 'DROP') }));
    expect(isReachable(whole, chain)).toBe(true);
    expect(isReachable(whole, { ...chain, chain: 'DOCKER-ISOLATION-STAGE-2' })).toBe(true);
  });

  it('a rule rejects, and says with what', () => {
    const save = filter(['FORWARD -j REJECT --reject-with icmp-host-prohibited']);
    for (const walk of walks(save, 'forward', textbookPacket)) {
      expect(walk.verdict).toBe('reject');
      expect(walk.decidedBy).toMatchObject({ target: 'REJECT', rejectWith: 'icmp-host-prohibited' });
    }
  });

  it('a chain of firewalld or of an admin in nft drops, whatever iptables accepts', () => {
    const nftables = JSON.stringify({
      nftables: [
        { table: { family: 'inet', name: 'fw', handle: 3 } },
        {
          chain: {
            family: 'inet',
            table: 'fw',
            name: 'fwd',
            handle: 1,
            type: 'filter',
            hook: 'forward',
            prio: 10,
            policy: 'drop',
          },
        },
      ],
    });
    const state = loadNetfilter(netnsState({ nftables, iptablesNft: filter(['FORWARD -j ACCEPT']) }));
    const walk = walkHook(state, 'forward', textbookPacket, textbookContext);
    expect(walk.verdict).toBe('drop');
    expect(walk.decidedBy).toMatchObject({
      backend: 'nftables',
      family: 'inet',
      table: 'fw',
      chain: 'fwd',
      index: null,
    });
    expect(walk.met.map((rule) => rule.table)).toEqual(['filter', 'fw']);
  });

  it('drops of two base chains are both reported, the first decides', () => {
    const mangle = '*mangle\n:FORWARD DROP [0:0]\nCOMMIT\n';
    for (const walk of walks(`${mangle}${filter(['FORWARD -i br0 -j REJECT'])}`, 'forward', textbookPacket)) {
      expect(walk.decidedBy?.table).toBe('mangle');
      expect(walk.drops.map((rule) => `${rule.table} ${rule.text}`)).toEqual([
        'mangle policy DROP',
        'filter -A FORWARD -i br0 -j REJECT',
      ]);
    }
  });
});

describe('the causes inside the container', () => {
  const local: HookPacket = { ...textbookPacket, iif: null, oif: 'eth0', ttl: 64 };

  it('OUTPUT drops', () => {
    for (const walk of walks(filter(['OUTPUT -d 203.0.113.0/24 -j DROP']), 'output', local)) {
      expect(walk.decidedBy).toMatchObject({ chain: 'OUTPUT', index: 1 });
    }
  });

  it('INPUT drops the reply', () => {
    const reply: HookPacket = { ...textbookReply, iif: 'eth0', oif: null };
    for (const walk of walks(filter(['INPUT -p icmp -j DROP']), 'input', reply)) {
      expect(walk.decidedBy).toMatchObject({ chain: 'INPUT', index: 1 });
    }
    for (const walk of walks(filter(['INPUT -p tcp -j DROP']), 'input', reply)) expect(walk.verdict).toBe('accept');
  });
});

describe('the causes in POSTROUTING', () => {
  it('MASQUERADE gives the packet the address of the uplink', () => {
    for (const walk of walks(
      nat('POSTROUTING -s 192.168.0.0/24 ! -o br0 -j MASQUERADE'),
      'postrouting',
      textbookPacket,
    )) {
      expect(walk.packet).toMatchObject({ source: '198.51.100.10', connectionStatus: ['snat'] });
      expect(walk.translations).toMatchObject([{ kind: 'snat', address: '198.51.100.10', masquerade: true }]);
    }
  });

  it.each([
    ['none', nat(), []],
    [
      'another device',
      nat('POSTROUTING -s 192.168.0.0/24 -o wlan0 -j MASQUERADE'),
      [{ source: '192.168.0.0/24', sourceNegated: false, oif: 'wlan0', oifNegated: false, masquerade: true }],
    ],
    [
      'another subnet',
      nat('POSTROUTING -s 172.17.0.0/16 ! -o br0 -j MASQUERADE'),
      [{ source: '172.17.0.0/16', oif: 'br0', oifNegated: true, toAddress: null }],
    ],
  ])('no rule translates the source: %s', (_, save, rules) => {
    for (const walk of walks(save, 'postrouting', textbookPacket)) {
      expect(walk.translations).toEqual([]);
      expect(walk.packet.source).toBe('192.168.0.2');
    }
    expect(sourceTranslations(loadNetfilter(netnsState({ iptablesLegacy: save })), 4)).toMatchObject(rules);
  });

  it('SNAT gives it the address the rule names', () => {
    const save = nat('POSTROUTING -s 192.168.0.0/24 -o eth0 -j SNAT --to-source 198.51.100.77');
    for (const walk of walks(save, 'postrouting', textbookPacket)) {
      expect(walk.packet.source).toBe('198.51.100.77');
      expect(walk.translations[0]?.rule).toMatchObject({ target: 'SNAT', index: 1 });
    }
    expect(sourceTranslations(loadNetfilter(netnsState({ iptablesNft: save })), 4)).toMatchObject([
      { toAddress: '198.51.100.77', masquerade: false },
    ]);
  });

  it('a known connection is not translated anew', () => {
    const save = nat('POSTROUTING -j MASQUERADE');
    for (const walk of walks(save, 'postrouting', textbookReply)) {
      expect(walk.translations).toEqual([]);
      expect(walk.met).toEqual([]);
    }
  });

  it('NOTRACK in raw keeps the packet from NAT', () => {
    const save = `*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -i br0 -j CT --notrack\nCOMMIT\n${nat('POSTROUTING -j MASQUERADE')}`;
    for (const walk of walks(save, 'prerouting', { ...textbookPacket, oif: null })) {
      expect(walk.packet.connection).toBe('untracked');
    }
    for (const walk of walks(save, 'postrouting', { ...textbookPacket, connection: 'untracked' })) {
      expect(walk.translations).toEqual([]);
    }
  });
});
