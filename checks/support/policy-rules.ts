import type { PolicyRule } from '../../src/model/state.js';

/** Whether somebody made the rule: its table is none of those that every host has. */
export const isOwnRule = (rule: PolicyRule | null): rule is PolicyRule =>
  rule !== null && rule.table !== 'local' && rule.table !== 'main' && rule.table !== 'default';

/** Whether the rule picks some packets out: then it, and not what its table says, is why these packets meet that table. */
export const isSelective = (rule: PolicyRule | null): rule is PolicyRule =>
  isOwnRule(rule) &&
  (rule.mark !== null || rule.source !== null || rule.iif !== null || rule.tos !== null || rule.protocol !== null);
