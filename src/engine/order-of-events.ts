import type { Evidence } from '../model/evidence.js';
import type { Finding, Proof } from '../model/finding.js';
import type { HostEvent } from '../model/timeline.js';

const RULE_STAGES: readonly string[] = ['prerouting', 'input', 'forward', 'output', 'postrouting'];

/** More lines than that tell no story. */
const MOST = 6;

/**
 * In which order happened what may have made a cause: for rules the starts and reloads of what makes rules, for a setting
 * those and the files of settings. `null` where fewer than two events are known, since one alone says nothing of an order.
 */
export const orderOfEvents = ({ place }: Finding, { timeline }: Evidence): Proof | null => {
  const touched = place.netns !== 'host' ? null : touchedBy(place);
  if (timeline === undefined || touched === null) return null;
  const events = timeline.events.filter(({ touches }) => touches === 'both' || touches === touched).slice(-MOST);
  const [first, last] = [events.at(0), events.at(-1)];
  if (events.length < 2 || first === undefined || last === undefined || first.at === last.at) return null;
  const day = last.at.slice(0, 10);
  const words = events.map((event) => `${event.what} ${timeIn(event, day)}`).join(', ');
  return { kind: 'read', text: `in this order (UTC): ${words}` };
};

const touchedBy = ({ object, stage }: Finding['place']): HostEvent['touches'] | null => {
  if (object?.startsWith('net.')) return 'settings';
  return RULE_STAGES.includes(stage) ? 'rules' : null;
};

const timeIn = ({ at }: HostEvent, day: string): string =>
  at.startsWith(day) ? at.slice(11, 19) : `${at.slice(0, 10)} ${at.slice(11, 19)}`;
