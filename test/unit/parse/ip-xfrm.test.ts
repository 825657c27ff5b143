import { describe, expect, test } from 'vitest';
import { parseXfrmPolicies, parseXfrmStates } from '../../../src/parse/ip-xfrm.js';

const POLICIES = `src 192.168.0.0/24 dst 203.0.113.0/24 
	dir out priority 371327 ptype main 
	tmpl src 198.51.100.10 dst 198.51.100.1
		proto esp spi 0xc1a2b3c4 reqid 1 mode tunnel
src 192.168.0.0/24 dst 203.0.113.0/24 proto tcp dport 443 
	dir fwd action block priority 0 
src 0.0.0.0/0 dst 0.0.0.0/0 
	socket in priority 0 ptype main 
`;

describe('ip xfrm policy', () => {
  test('each policy has its selector, direction, action, priority and templates', () => {
    expect(parseXfrmPolicies(POLICIES)).toEqual([
      {
        source: '192.168.0.0/24',
        destination: '203.0.113.0/24',
        more: '',
        direction: 'out',
        action: 'allow',
        priority: 371327,
        templates: [{ source: '198.51.100.10', destination: '198.51.100.1' }],
      },
      {
        source: '192.168.0.0/24',
        destination: '203.0.113.0/24',
        more: 'proto tcp dport 443',
        direction: 'fwd',
        action: 'block',
        priority: 0,
        templates: [],
      },
    ]);
  });

  test('a mark is part of what a policy asks for', () => {
    const [policy] = parseXfrmPolicies(
      'src 10.0.0.0/8 dst 10.1.0.0/16 \n\tdir fwd action block priority 0 \n\tmark 0x1/0xff \n',
    );
    expect(policy?.more).toBe('mark 0x1/0xff');
  });

  test('nothing printed is no policy', () => {
    expect(parseXfrmPolicies('')).toEqual([]);
  });

  test('what has no selector is refused, with the line', () => {
    expect(() => parseXfrmPolicies('Usage: ip xfrm\n')).toThrow(/line 1: no selector/);
    expect(() => parseXfrmPolicies('src a dst b\n\ttmpl src c dst d\n')).toThrow(/line 2/);
  });
});

test('ip xfrm state gives the ends of each association', () => {
  const text = 'src 198.51.100.10 dst 198.51.100.1\n\tproto esp spi 0x1 reqid 1 mode tunnel\n\treplay-window 32\n';
  expect(parseXfrmStates(text)).toEqual([{ source: '198.51.100.10', destination: '198.51.100.1' }]);
});
