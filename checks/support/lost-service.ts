import { lastRouter } from '../../src/model/path-queries.js';
import { type ChainRef, chainRules, findChains } from '../../src/netfilter/rules.js';
import { stepsOf } from '../../src/routing/flow-walk-types.js';
import type { CheckContext } from '../define-check.js';
import { isPrivate } from './nat.js';
import { DEFAULTS } from './stray.js';

/**
 * The empty chain of kube-proxy, where the destination may be a service that it should translate: a private address that only
 * the default route leads to. `unknown`: rules could not be read.
 */
export const lostService = (context: CheckContext): ChainRef | 'no' | 'unknown' => {
  const { flow, walk, path } = context;
  const router = lastRouter(path);
  const step = stepsOf(walk, 'route').findLast(({ netns, way }) => netns === 'host' && way === 'forward');
  const isStray = DEFAULTS.includes(step?.detail.answer.route?.destination ?? '');
  if (!router || flow.protocol === 'icmp' || !isStray || !isPrivate(flow.destination)) return 'no';
  const state = context.netfilter(router.netns);
  const family = flow.family === 4 ? 'ip' : 'ip6';
  const chains = state ? findChains(state, (one) => one.chain === 'KUBE-SERVICES' && one.table === 'nat') : [];
  const empty = chains.find((one) => one.family === family && state && chainRules(state, one).length === 0);
  if (empty) return empty;
  return state === null || state.unread.some(({ families }) => families.includes(flow.family)) ? 'unknown' : 'no';
};
