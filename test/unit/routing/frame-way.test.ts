import { describe, expect, it } from 'vitest';
import { atEnd } from '../../../src/routing/frame-way.js';
import { edited, link } from '../../helpers/edit-evidence.js';
import { recorded } from '../../helpers/evidence.js';

const layersOf = (kind: string, hook: 'ingress' | 'egress') => {
  const { path, before } = edited(
    recorded('bridged-uplink'),
    link('host', 'vmbr0', () => ({ kind })),
  );
  const router = path.routers[0];
  if (!router) throw new Error('no router was recorded');
  return atEnd({ path, states: before }, router, 'to', hook, 'vmbr0').map(
    ({ layer, hook: at, iif, oif }) => `${layer} ${at} ${iif ?? oif}`,
  );
};

describe('the device by which packets leave a router', () => {
  it('is passed as a bridge, with its port, where it is one', () => {
    expect(layersOf('bridge', 'egress')).toEqual([
      'netdev egress vmbr0',
      'bridge output eth0',
      'bridge postrouting eth0',
      'netdev egress eth0',
    ]);
    expect(layersOf('bridge', 'ingress')).toEqual([
      'netdev ingress eth0',
      'bridge prerouting eth0',
      'bridge input eth0',
      'netdev ingress vmbr0',
    ]);
  });

  it('has no hooks of a bridge where it only has members, as a bond', () => {
    expect(layersOf('bond', 'egress')).toEqual(['netdev egress vmbr0']);
    expect(layersOf('bond', 'ingress')).toEqual(['netdev ingress vmbr0']);
  });
});
