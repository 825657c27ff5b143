import { describe, expect, test } from 'vitest';
import { diagnose } from '../../../src/engine/diagnose.js';
import type { Evidence, KernelDrop } from '../../../src/model/evidence.js';
import { artifact, bridgePort, edited } from '../../helpers/edit-evidence.js';
import { recorded } from '../../helpers/evidence.js';

const dropped = (more: Partial<KernelDrop>): KernelDrop[] =>
  [1, 2, 3].map((probe) => ({
    probe,
    reason: 'BRIDGE_INGRESS_STP_STATE',
    function: 'br_handle_frame',
    device: 'veth1_p',
    netns: 'host',
    way: 'forward',
    link: 'h2-h3',
    stages: ['bridge-port'],
    words: 'the bridge port is not forwarding',
    ...more,
  }));

const withDrops = (id: string, drops: readonly KernelDrop[]): Evidence => ({ ...recorded(id), kernelDrops: drops });

describe("the kernel's own word", () => {
  test('makes a cause certain that one witness and the configuration made likely', () => {
    const without = diagnose(withDrops('br-down', []));
    const witnessed = diagnose(withDrops('br-down', dropped({})));
    expect([without.cause, without.confidence]).toEqual(['br-down', 'likely']);
    expect([witnessed.cause, witnessed.confidence]).toEqual(['br-down', 'certain']);
    expect(witnessed.findings[0]?.proof.at(-1)).toEqual({
      kind: 'kernel',
      text: 'the kernel dropped 3 of 3 probes on veth1_p, BRIDGE_INGRESS_STP_STATE in br_handle_frame: the bridge port is not forwarding',
    });
  });

  test('about another link, or of a packet that only may be ours, proves nothing', () => {
    for (const drops of [dropped({ link: 'h3-h4' }), dropped({ likely: true })]) {
      const { findings, confidence } = diagnose(withDrops('br-down', drops));
      expect(findings[0]?.proof.map(({ kind }) => kind)).not.toContain('kernel');
      expect(confidence).toBe('likely');
    }
  });

  test('decides between two causes on one link: the one at the stage where it dropped the packets', () => {
    const base = recorded('host-ip-forward-off');
    const host = base.before['host'];
    if (!host?.iptablesLegacy.ok) throw new Error('no rules recorded');
    const value = '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n';
    const both: Evidence = {
      ...base,
      before: { ...base.before, host: { ...host, iptablesLegacy: { ...host.iptablesLegacy, value } } },
    };
    const at = (stages: KernelDrop['stages']) =>
      diagnose({ ...both, kernelDrops: dropped({ link: 'h3-h4', device: 'br0', ...(stages ? { stages } : {}) }) })
        .cause;
    expect(at(['route'])).toBe('host-ip-forward-off');
    expect(at(['prerouting', 'forward', 'postrouting'])).toBe('nf-forward-policy-drop');
  });
});

test('of two causes at one stage of a link the root is the one whose turn is first', () => {
  const locked = edited(
    recorded('br-ebtables-arp-drop'),
    bridgePort('veth1_p', { locked: true }),
    artifact('host', 'fdb', (entries) => entries.filter(({ ifname }) => ifname !== 'veth1_p')),
  );
  const { findings } = diagnose(locked);
  expect(findings.map(({ cause, rank }) => `${rank} ${cause}`)).toEqual([
    'root br-port-locked',
    'behind br-ebtables-arp-drop',
  ]);
});

test('what only the packets meet, that wait for a question which is lost further on, is behind', () => {
  const base = recorded('br-ebtables-arp-drop');
  const host = base.before['host'];
  const other = recorded('veth-tc-ingress-bpf-drop').before['host'];
  if (!host || !other) throw new Error('the host was not read');
  const filtered: Evidence = {
    ...base,
    before: { ...base.before, host: { ...host, tcFilters: other.tcFilters, qdiscs: other.qdiscs } },
  };
  const { findings } = diagnose(filtered);
  expect(findings.map(({ cause, rank }) => `${rank} ${cause}`)).toEqual([
    'root br-ebtables-arp-drop',
    'behind veth-tc-ingress-bpf-drop',
  ]);
});
