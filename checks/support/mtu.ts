import type { Remedy } from '../../src/model/finding.js';
import type { NetnsId } from '../../src/model/netns.js';
import type { CheckContext } from '../define-check.js';
import { inside } from './commands.js';

/** The kernel lets a frame cross with a VLAN tag more than the MTU. @see __is_skb_forwardable in include/linux/netdevice.h */
export const VLAN_BYTES = 4;

/** Another MTU for one device. */
export const mtuRemedy = (
  context: CheckContext,
  netns: NetnsId,
  device: string,
  { from, to }: { readonly from: number; readonly to: number },
): Remedy => {
  const set = (mtu: number) => inside(context.netns(netns), ['ip', 'link', 'set', 'dev', device, 'mtu', `${mtu}`]);
  return {
    kind: 'runtime',
    title: `set the MTU of ${device} to ${to} bytes`,
    netns,
    commands: [set(to)],
    undo: [set(from)],
    risk: netns === 'target' ? 'low' : 'medium',
    riskText:
      netns === 'target'
        ? 'only this container is changed; gone when it is started again'
        : `all that uses ${device} gets this MTU; gone at the next restart of its network`,
  };
};
