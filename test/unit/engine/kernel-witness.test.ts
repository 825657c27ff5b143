import { describe, expect, test } from 'vitest';
import { diagnose } from '../../../src/engine/diagnose.js';
import { isKernelSeen, withKernelSeen } from '../../../src/engine/kernel-witness.js';
import { recorded } from '../../helpers/evidence.js';
import { withoutTcpdump } from '../../helpers/remove-witness.js';

describe("the kernel's events in place of captures", () => {
  const blind = withoutTcpdump(recorded('nf-missing-masquerade'));

  test('show where each packet passed, and nothing of what is in it', () => {
    const seen = withKernelSeen(blind);
    expect(isKernelSeen(seen)).toBe(true);
    expect(seen.sightings).toHaveLength(blind.kernelSeen?.length ?? 0);
    expect(seen.sightings.every(({ packet }) => packet.ip === null && packet.arp === null)).toBe(true);
    expect(seen.captures.map(({ packets }) => packets)).toEqual([3, 3, 3, 3]);
  });

  test('give the cause with the place, as the word of the kernel alone: no second witness to itself', () => {
    const { cause, findings, counts } = diagnose(blind);
    expect(cause).toBe('nf-missing-masquerade');
    expect(findings[0]?.proof[0]).toMatchObject({
      kind: 'kernel',
      text: expect.stringContaining("by the kernel's events 3 of 3 requests pass eth0"),
    });
    expect(findings[0]?.proof.some(({ kind }) => kind === 'seen')).toBe(false);
    expect(counts.find(({ hop }) => hop === 'h4')).toMatchObject({ forward: 3, return: 0 });
    const { confidence } = diagnose(withoutTcpdump(recorded('nf-nft-forward-drop')));
    expect(confidence).toBe('likely');
  });

  test('are not used where one capture ran, nor where they tell not of every packet', () => {
    const whole = recorded('nf-missing-masquerade');
    expect(withKernelSeen(whole)).toBe(whole);
    const { kernelSeen: _, ...nothing } = blind;
    expect(withKernelSeen(nothing)).toBe(nothing);
    expect(diagnose(nothing)).toMatchObject({ status: 'inconclusive', cause: null });
  });

  test('are not used inside of a tunnel, where packets have another length', () => {
    const { hops } = blind.path;
    const inside = { kind: 'vxlan', port: 8472, outerFamily: 4 } as const;
    const tunnelled = { ...blind, path: { ...blind.path, hops: hops.map((hop) => ({ ...hop, inside })) } };
    expect(withKernelSeen(tunnelled)).toMatchObject({ sightings: [], captures: blind.captures });
  });

  test('do not tell who else has the address of this host: silence outside stays open', () => {
    const evidence = recorded('uplink-ip-conflict');
    const passed = evidence.sightings.flatMap(({ hop, kind, way, probe, packet }) =>
      kind === 'request' && probe !== null ? [{ hop, way, probe, at: packet.at }] : [],
    );
    const diagnosis = diagnose({ ...withoutTcpdump(evidence), kernelSeen: passed });
    expect(diagnosis).toMatchObject({ status: 'inconclusive', cause: null });
  });
});
