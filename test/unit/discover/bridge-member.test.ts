import { describe, expect, it } from 'vitest';
import { outerPort } from '../../../src/discover/bridge-member.js';
import type { BridgePort, LinkState } from '../../../src/model/state.js';
import { recorded } from '../../helpers/evidence.js';
import { topologyFixture } from '../../helpers/topology-fixture.js';

const GATEWAY = '198.51.100.1';

const host = topologyFixture('bond').netns[1];
const { before } = recorded('bridged-uplink');
const recordedLink = before['host']?.links.ok
  ? before['host'].links.value.find(({ ifname }) => ifname === 'eth0')
  : null;
const recordedPort = before['host']?.bridgePorts.ok
  ? before['host'].bridgePorts.value.find(({ ifname }) => ifname === 'eth0')
  : null;
if (!host || !recordedLink || !recordedPort) throw new Error('no port was recorded');

const nic = (ifname: string, ...flags: readonly string[]): LinkState => ({
  ...recordedLink,
  ifname,
  kind: null,
  master: 'vmbr0',
  flags: ['BROADCAST', 'MULTICAST', ...flags],
});
const port = (ifname: string, state: string): BridgePort => ({ ...recordedPort, ifname, master: 'vmbr0', state });

const chosen = (links: readonly LinkState[], bridgePorts: readonly BridgePort[] = []): string | null => {
  const netns = { ...host, links, bridgePorts };
  return outerPort(netns, 'vmbr0', GATEWAY, { netns, dev: 'vmbr0' })?.ifname ?? null;
};

describe('the port of a bridge that leads out', () => {
  it('is a physical one that works, before one that is spare', () => {
    expect(chosen([nic('eno1'), nic('eno2', 'UP', 'LOWER_UP')])).toBe('eno2');
    expect(chosen([nic('eno1', 'UP'), nic('eno2', 'UP', 'LOWER_UP')])).toBe('eno2');
    const both = [nic('eno1', 'UP', 'LOWER_UP'), nic('eno2', 'UP', 'LOWER_UP')];
    expect(chosen(both, [port('eno1', 'blocking'), port('eno2', 'forwarding')])).toBe('eno2');
    expect(chosen(both, [port('eno1', 'forwarding'), port('eno2', 'blocking')])).toBe('eno1');
  });

  it('is the first physical one where none works, and the only one whatever it is', () => {
    expect(chosen([nic('eno1', 'UP'), nic('eno2')])).toBe('eno1');
    expect(chosen([{ ...nic('eth0', 'UP', 'LOWER_UP'), kind: 'veth' }])).toBe('eth0');
    expect(chosen([1, 2].map((number) => ({ ...nic(`veth${number}`, 'UP', 'LOWER_UP'), kind: 'veth' })))).toBeNull();
  });
});
