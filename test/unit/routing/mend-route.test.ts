import { describe, expect, it } from 'vitest';
import { parseIpRoute } from '../../../src/parse/ip-route.js';
import { parseIpRule } from '../../../src/parse/ip-rule.js';
import { mendRoute, type RoutingState } from '../../../src/routing/index.js';

const DEFAULT = { dst: 'default', gateway: '198.51.100.1', dev: 'eth0' };
const RULES = [
  { priority: 0, src: 'all', table: 'local' },
  { priority: 32766, src: 'all', table: 'main' },
];

const state = (routes: readonly object[], rules: readonly object[] = RULES): RoutingState => ({
  rules: parseIpRule(JSON.stringify(rules), 4),
  routes: parseIpRoute(JSON.stringify(routes)),
  links: [],
  addresses: [],
  neighbours: [],
  sysctls: null,
});

const QUERY = { family: 4, destination: '203.0.113.5', source: null, iif: 'br0', mark: 0 } as const;

describe('the way of a refused packet once the refusal is mended', () => {
  it('is the next best route, however many refuse it', () => {
    const refused = state([
      DEFAULT,
      { type: 'blackhole', dst: '203.0.113.0/24' },
      { type: 'unreachable', dst: '203.0.113.4/30' },
    ]);
    const mended = mendRoute(refused, QUERY, null);
    expect(mended?.answer).toMatchObject({ outcome: 'unicast', dev: 'eth0', gateway: '198.51.100.1' });
    expect(mended?.isAssumed).toBe(false);
    expect(mended?.routes.map(({ type }) => type)).toEqual(['unicast']);
  });

  it('is that of the rules behind one that refuses it', () => {
    const refused = state(
      [DEFAULT],
      [...RULES, { priority: 100, src: 'all', dst: '203.0.113.0', dstlen: 24, action: 'prohibit' }],
    );
    const mended = mendRoute(refused, QUERY, null);
    expect(mended?.answer.dev).toBe('eth0');
    expect(mended?.rules.map(({ priority }) => priority)).toEqual([0, 32766]);
  });

  it('is assumed to be that of the given device where no route is left, for this destination alone', () => {
    const mended = mendRoute(state([{ type: 'blackhole', dst: 'default' }]), QUERY, 'eth0');
    expect(mended).toMatchObject({ isAssumed: true, answer: { outcome: 'unicast', dev: 'eth0', gateway: null } });
    expect(mended?.routes.map(({ destination }) => destination)).toEqual(['203.0.113.5/32']);
  });

  it('is not told where no route is left and no device is known, and where the packet has arrived', () => {
    expect(mendRoute(state([]), QUERY, null)).toBeNull();
    const here = state([{ type: 'local', dst: '203.0.113.5', dev: 'lo', table: 'local' }]);
    expect(mendRoute(here, QUERY, 'eth0')).toBeNull();
  });
});
