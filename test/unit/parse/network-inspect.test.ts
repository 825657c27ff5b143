import { describe, expect, test } from 'vitest';
import { parseDockerNetworks, parsePodmanNetworks } from '../../../src/parse/network-inspect.js';
import { ParseError } from '../../../src/parse/parse-error.js';

const ID = '9fe33989b7bd0c5f0a5d1d5f1d1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c';

describe('docker network inspect', () => {
  test('a network with settings of its own', () => {
    const text = JSON.stringify([
      {
        Name: 'closed',
        Id: ID,
        Driver: 'bridge',
        Internal: true,
        IPAM: { Driver: 'default', Options: null, Config: [{ Subnet: '172.18.0.0/16', Gateway: '172.18.0.1' }] },
        Options: {
          'com.docker.network.bridge.enable_icc': 'false',
          'com.docker.network.bridge.enable_ip_masquerade': 'false',
        },
        Labels: { secret: 'label' },
      },
    ]);
    expect(parseDockerNetworks(text)).toEqual([
      {
        runtime: 'docker',
        name: 'closed',
        driver: 'bridge',
        bridge: 'br-9fe33989b7bd',
        internal: true,
        icc: false,
        masquerade: false,
        subnets: ['172.18.0.0/16'],
      },
    ]);
  });

  test('what is not said has Docker’s defaults; a named bridge keeps its name; a macvlan has none', () => {
    const row = (extra: object) => JSON.stringify([{ Name: 'n', Id: ID, Driver: 'bridge', IPAM: null, ...extra }]);
    expect(parseDockerNetworks(row({ Options: null }))[0]).toMatchObject({
      internal: false,
      icc: true,
      masquerade: true,
    });
    expect(parseDockerNetworks(row({ Options: { 'com.docker.network.bridge.name': 'docker0' } }))[0]?.bridge).toBe(
      'docker0',
    );
    expect(parseDockerNetworks(row({ Driver: 'macvlan' }))[0]?.bridge).toBeNull();
  });

  test.each(['{}', '[{"Name":1}]', 'Error response'])('%s is garbage', (text) => {
    expect(() => parseDockerNetworks(text)).toThrow(ParseError);
  });
});

test('podman network inspect', () => {
  const text = JSON.stringify([
    {
      name: 'podman',
      driver: 'bridge',
      network_interface: 'podman0',
      subnets: [{ subnet: '10.88.0.0/16', gateway: '10.88.0.1' }],
      internal: false,
      dns_enabled: false,
    },
  ]);
  expect(parsePodmanNetworks(text)).toEqual([
    {
      runtime: 'podman',
      name: 'podman',
      driver: 'bridge',
      bridge: 'podman0',
      internal: false,
      icc: true,
      masquerade: true,
      subnets: ['10.88.0.0/16'],
    },
  ]);
});
