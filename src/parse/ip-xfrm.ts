import type { XfrmPolicy, XfrmState } from '../model/state.js';
import { ParseError } from './parse-error.js';

const SELECTOR = /^src (\S+) dst (\S+)\s*(.*)$/;
const POLICY = /^dir (in|out|fwd|\d+)(?: action (block))?.*?\bpriority (\d+)/;
/** What a policy asks for beside its selector. */
const FURTHER = /^(?:mark|if_id) \S+/;
const TEMPLATE = /^tmpl src (\S+) dst (\S+)/;

/**
 * Policies of `ip xfrm policy`, in the order printed.
 * @throws ParseError naming the line
 * @see ip-xfrm(8)
 */
export const parseXfrmPolicies = (text: string): readonly XfrmPolicy[] => {
  const policies: (XfrmPolicy & { more: string; templates: { source: string; destination: string }[] })[] = [];
  let selector: RegExpExecArray | null = null;
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    if (!/^\s/.test(line)) {
      selector = SELECTOR.exec(line);
      if (selector === null) throw new ParseError('ip xfrm policy', index + 1, 'no selector');
      continue;
    }
    const words = line.trim();
    const policy = POLICY.exec(words);
    const template = TEMPLATE.exec(words);
    if (policy && selector) {
      const [, direction = '', block, priority] = policy;
      policies.push({
        source: selector[1] ?? '',
        destination: selector[2] ?? '',
        more: (selector[3] ?? '').trim(),
        direction: direction === 'in' || direction === 'out' || direction === 'fwd' ? direction : 'socket',
        action: block === undefined ? 'allow' : 'block',
        priority: Number(priority),
        templates: [],
      });
    } else if (FURTHER.test(words)) {
      const last = policies.at(-1);
      if (last) last.more = `${last.more} ${words}`.trim();
    } else if (template) {
      const last = policies.at(-1);
      if (!last) throw new ParseError('ip xfrm policy', index + 1, 'a template without a policy');
      last.templates.push({ source: template[1] ?? '', destination: template[2] ?? '' });
    }
  }
  return policies;
};

/** Security associations of `ip xfrm state`. @see ip-xfrm(8) */
export const parseXfrmStates = (text: string): readonly XfrmState[] =>
  text.split('\n').flatMap((line) => {
    const ends = /^src (\S+) dst (\S+)/.exec(line);
    return ends ? [{ source: ends[1] ?? '', destination: ends[2] ?? '' }] : [];
  });
