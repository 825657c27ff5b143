import { describe, expect, test } from 'vitest';
import { ownerOf } from '../../../src/engine/owners.js';
import type { ContainerNetwork } from '../../../src/model/container-network.js';
import type { Finding } from '../../../src/model/finding.js';

const app: ContainerNetwork = {
  runtime: 'docker',
  name: 'app',
  driver: 'bridge',
  bridge: 'br-9fe33989b7bd',
  internal: false,
  icc: false,
  masquerade: true,
  subnets: ['172.18.0.0/16'],
};

const found = (place: { readonly object?: string; readonly device?: string }, rule = ''): Finding => ({
  cause: 'nf-rule-drop',
  title: 'a rule drops the request',
  place: { link: 'h3-h4', stage: 'forward', way: 'forward', netns: 'host', ...place },
  loses: [{ link: 'h3-h4', way: 'forward' }],
  proof: [{ kind: 'read', text: rule }],
  remedies: [],
});

const rule = (chain: string, table = 'filter') => found({ object: `table ip ${table} chain ${chain} rule 1` });

describe('who made what a finding names', () => {
  test.each([
    ['DOCKER-ISOLATION-STAGE-2', 'Docker'],
    ['NETAVARK_FORWARD', 'Podman (netavark)'],
    ['CNI-FORWARD', 'a CNI plugin'],
    ['KUBE-FIREWALL', 'kube-proxy or the kubelet'],
    ['ufw-before-forward', 'ufw'],
    ['LIBVIRT_FWI', 'libvirt'],
    ['FWDI_public', 'firewalld'],
    ['IN_shop_allow', 'firewalld'],
    ['FORWARD_direct', 'firewalld'],
    ['ts-forward', 'Tailscale'],
  ])('chain %s: %s', (chain, owner) => {
    expect(ownerOf(rule(chain), [])).toEqual({ owner });
  });

  test('a table of nftables tells it where its chains have plain names', () => {
    expect(ownerOf(rule('filter_FORWARD', 'firewalld'), [])).toEqual({ owner: 'firewalld' });
  });

  test('a rule of FORWARD is Docker’s where it has the shape of its rule for a network that Docker has', () => {
    const drop = (bridge: string) =>
      found({ object: 'table ip filter chain FORWARD rule 9' }, `-A FORWARD -i ${bridge} -o ${bridge} -j DROP`);
    expect(ownerOf(drop('br-9fe33989b7bd'), [app])).toEqual({ owner: 'Docker, network app' });
    expect(ownerOf(drop('br0'), [app])).toBeNull();
  });

  test('nobody is named for a chain of the kernel’s own, nor for a setting on a device of somebody', () => {
    expect(ownerOf(rule('FORWARD'), [])).toBeNull();
    expect(ownerOf(rule('IN_web'), [])).toBeNull();
    expect(ownerOf(rule('POST_it'), [])).toBeNull();
    expect(ownerOf(found({ object: 'net.ipv4.ip_forward', device: 'docker0' }), [app])).toBeNull();
  });

  test('a device has the owner that its name tells', () => {
    expect(ownerOf(found({ device: 'docker0' }), [])).toEqual({ owner: 'Docker (made docker0)' });
    expect(ownerOf(found({ device: 'virbr0' }), [])).toEqual({ owner: 'libvirt (made virbr0)' });
    expect(ownerOf(found({ device: 'br0' }), [])).toBeNull();
  });

  test.each([
    ['default via 198.51.100.1 dev eth0 proto dhcp metric 100', 'a DHCP client (proto dhcp)'],
    ['default via 198.51.100.1 dev eth0 proto static', 'systemd-networkd (proto static)'],
    ['10.0.0.0/8 via 198.51.100.9 dev eth7 proto static', 'a network configuration (proto static)'],
    [
      '192.168.0.0/24 dev br-old proto kernel scope link src 192.168.0.1',
      'the kernel, for an address of the device (proto kernel)',
    ],
    ['blackhole 203.0.113.0/24 proto bird', 'BIRD (proto bird)'],
    ['unreachable 203.0.113.0/24', 'by hand, a script or a CNI plugin (no protocol)'],
    ['2001:db8::/32 via fe80::1 dev eth0 proto ra', 'a router advertisement (proto ra)'],
    ['100.64.0.0/10 dev tailscale0 table 52', 'Tailscale'],
  ])('route %s: %s', (object, owner) => {
    const managers = [{ device: 'eth0', manager: 'systemd-networkd' }] as const;
    expect(ownerOf(found({ object }), [], managers)).toEqual({ owner });
  });

  test('a route of the container, a setting and what is no route are nobody’s by their text', () => {
    const inContainer = found({ object: 'unreachable 203.0.113.0/24' });
    expect(ownerOf({ ...inContainer, place: { ...inContainer.place, netns: 'target' } }, [])).toBeNull();
    for (const object of [
      'net.ipv4.ip_forward',
      'ip rule pref 900',
      'xfrm policy src 10.0.0.0/8',
      'neighbour 10.0.0.1',
    ])
      expect(ownerOf(found({ object }), [])).toBeNull();
  });

  test('a device that a network manager looks after', () => {
    const managers = [{ device: 'eth0', manager: 'NetworkManager' }] as const;
    expect(ownerOf(found({ device: 'eth0' }), [], managers)).toEqual({ owner: 'NetworkManager (looks after eth0)' });
    expect(ownerOf(found({ device: 'eth1' }), [], managers)).toBeNull();
  });
});
