import type { Collector } from './collector.js';
import { legacyBackend } from './iptables.js';

export const ip6tablesLegacy: Collector<'ip6tablesLegacy'> = {
  artifact: 'ip6tablesLegacy',
  ...legacyBackend('ip6tables'),
};
