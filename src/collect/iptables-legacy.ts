import type { Collector } from './collector.js';
import { legacyBackend } from './iptables.js';

export const iptablesLegacy: Collector<'iptablesLegacy'> = { artifact: 'iptablesLegacy', ...legacyBackend('iptables') };
