import { HAS_NO_XFRM } from '../../host/xfrm-module.js';
import { type Fact, OTHER } from './facts.js';

/** Every policy with its limits; nothing where the kernel has no IPsec. */
export const XFRM_POLICIES = `{ ${HAS_NO_XFRM}; } || ip -s xfrm policy list 2>/dev/null; true`;

/** Words that change while nobody sets them, and those of an exact selector that are always there. */
const NO_SETTING = / (?:index \d+|uid 0|ptype main|share any|flag {1,2}\(0x00000000\))(?= |$)/g;

/** A policy without limits and what it does: anything else is not put back. @see ip-xfrm(8), print_selector in iproute2 */
const NO_LIMITS =
  /^(?:lifetime config:|limit: soft \(INF\).*hard \(INF\).*|expire (?:add|use): soft 0\(sec\), hard 0\(sec\))$/;
const CURRENT = /^(?:lifetime current:|\d+\(bytes\), \d+\(packets\)|add \S+ \S+ use .*)$/;

/**
 * From what `XFRM_POLICIES` prints: each policy by its selector and direction, in the words of `ip xfrm policy add`, or as one
 * that we cannot put back: with limits, a mark, a tunnel, or beside others of its priority, whose order would change.
 */
export const xfrmFacts = (output: string): readonly Fact[] => {
  const policies = output
    .split(/\n(?=\S)/)
    .filter((text) => text.trim() !== '')
    .map((text) => {
      const [selector = '', policy = '', ...more] = text.split('\n').map((line) => ` ${line.trim()}`);
      const [, direction = '', rest = ''] = /^ dir (\S+) (.*)$/.exec(policy.replace(NO_SETTING, '').trimEnd()) ?? [];
      const further = more.map((line) => line.trim()).filter((line) => line !== '' && !CURRENT.test(line));
      return {
        key: `${selector.replace(NO_SETTING, '').trim()} dir ${direction}`,
        words: rest.trim(),
        level: `${direction} ${/priority (\d+)/.exec(rest)?.[1]}`,
        isPlain: further.every((line) => NO_LIMITS.test(line)),
      };
    });
  return policies.map(({ key, words, level, isPlain }) => {
    const isAlone = policies.filter((other) => other.level === level).length === 1;
    const isWhole = isPlain && isAlone && /^action block priority \d+$/.test(words);
    return ['xfrm-policy', key, isWhole ? words : `${OTHER} ${words}`] as const;
  });
};
