import { describe, expect, test } from 'vitest';
import { untracedRules } from '../../../src/engine/untraced-rules.js';
import type { Family } from '../../../src/model/flow.js';
import { edited, iptables } from '../../helpers/edit-evidence.js';
import { recorded } from '../../helpers/evidence.js';

const limits = (evidence = recorded('iptables-legacy'), family: Family = 4) =>
  untracedRules(evidence.netns, evidence.before, family);

describe('rules that a trace of the rules does not tell of', () => {
  test('those of iptables-legacy, with their number and tables, once for each namespace', () => {
    expect(limits()).toEqual([
      {
        what: 'trace of the rules in host',
        why: 'nft trace does not see iptables-legacy, which has 3 rules here (filter, nat)',
        install: null,
      },
    ]);
  });

  test('none where all rules are those of nf_tables, or of the other family', () => {
    expect(limits(recorded('textbook'))).toEqual([]);
    expect(limits(recorded('iptables-legacy'), 6)).toEqual([]);
  });

  test('tables that are loaded and let everything pass say nothing; a policy that drops does', () => {
    const dump = (policy: string): string => `*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ${policy} [0:0]\nCOMMIT\n`;
    expect(limits(edited(recorded('textbook'), iptables('host', dump('ACCEPT'))))).toEqual([]);
    expect(limits(edited(recorded('textbook'), iptables('host', dump('DROP'))))).toMatchObject([
      { why: 'nft trace does not see iptables-legacy, which has a policy that drops here (filter)' },
    ]);
  });
});
