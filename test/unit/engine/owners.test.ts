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
});
