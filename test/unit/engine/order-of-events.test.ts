import { describe, expect, test } from 'vitest';
import { orderOfEvents } from '../../../src/engine/order-of-events.js';
import type { Finding } from '../../../src/model/finding.js';
import type { HostEvent } from '../../../src/model/timeline.js';
import { recorded } from '../../helpers/evidence.js';

const at = (time: string, what: string, touches: HostEvent['touches'] = 'both', day = '2026-11-27'): HostEvent => ({
  at: `${day}T${time}Z`,
  what,
  touches,
});

const finding = (place: Partial<Finding['place']>): Finding => ({
  cause: 'nf-policy-drop',
  title: 'FORWARD drops by policy',
  place: { link: 'h3-h4', stage: 'forward', way: 'forward', netns: 'host', ...place },
  loses: [{ link: 'h3-h4', way: 'forward' }],
  proof: [{ kind: 'read', text: 'policy DROP' }],
  remedies: [],
});

const said = (events: readonly HostEvent[], place: Partial<Finding['place']> = {}): string | null =>
  orderOfEvents(finding(place), { ...recorded('nf-forward-policy-drop'), timeline: { events, absent: [] } })?.text ??
  null;

describe('what happened in which order', () => {
  const rules = at('02:41:10', '/etc/ufw/user.rules was written', 'rules');
  const file = at('02:42:00', '/etc/sysctl.conf was written', 'settings');
  const events = [at('22:10:00', 'dockerd started', 'both', '2026-11-26'), at('02:12:09', 'web started'), rules, file];

  test('for rules: what starts or reloads rules; the day where it is another', () => {
    expect(said(events)).toBe(
      'in this order (UTC): dockerd started 2026-11-26 22:10:00, web started 02:12:09, /etc/ufw/user.rules was written 02:41:10',
    );
  });

  test('for a setting: the files of settings, not those of rules', () => {
    expect(said(events, { stage: 'route', object: 'net.ipv4.ip_forward' })).toBe(
      'in this order (UTC): dockerd started 2026-11-26 22:10:00, web started 02:12:09, /etc/sysctl.conf was written 02:42:00',
    );
  });

  test('one event, events of one time, a route and a cause inside the container tell of no order', () => {
    expect(said([rules])).toBeNull();
    expect(said([rules, { ...rules, what: 'dockerd started' }])).toBeNull();
    expect(said(events, { stage: 'route', object: 'default via 198.51.100.1' })).toBeNull();
    expect(said(events, { netns: 'target' })).toBeNull();
    expect(orderOfEvents(finding({}), recorded('nf-forward-policy-drop'))).toBeNull();
  });

  test('at most the last six', () => {
    const many = Array.from({ length: 9 }, (_, index) => at(`02:0${index}:00`, `event ${index}`));
    expect(said(many)).toMatch(/^in this order \(UTC\): event 3 02:03:00, .*event 8 02:08:00$/);
  });
});
