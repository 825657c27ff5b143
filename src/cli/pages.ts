import type { CheckPage } from '../../checks/define-check.js';
import { checks } from '../../checks/index.js';

/** What `explain` shows: of a check, or of the conclusion that no check explains. */
export interface Page {
  readonly meta: {
    readonly id: string;
    readonly code: string;
    readonly title: string;
    readonly covers: readonly string[];
    readonly references: readonly string[];
  };
  readonly page: CheckPage;
}

const unexplainedDrop: Page = {
  meta: {
    id: 'unexplained-drop',
    code: 'V0001',
    title: 'a cause is known for every packet that is lost',
    covers: ['unexplained-drop'],
    references: ['https://docs.kernel.org/networking/statistics.html'],
  },
  page: {
    meaning: 'It is proved where the packets are lost, and no known cause explains it.',
    path: 'The last hop that saw the packet and the first that did not enclose the place; its stages are listed in the path.',
    decided:
      'Captures that lost nothing themselves saw the packet at one hop and not at the next, and every check either found its part in order or could not be asked; those are listed.',
    byHand: [
      'ip -s -s link show',
      'nstat -asz',
      "perf record -e skb:kfree_skb -a -- sleep 5 (the kernel's own reason)",
      'tc -s filter show dev DEVICE ingress',
      'ip xfrm policy',
      'nft monitor trace (needs a rule that sets meta nftrace)',
    ],
    origins: [
      'a policy of IPsec, a program of tc, XDP or a cgroup, a security module',
      'a rule whose match cannot be known beforehand: a limit, a set that changes, a time of day',
      'a fault of a driver or of the kernel',
    ],
    fixes: [
      'read the limits of the run first: what could not be read is what to make readable (vethoscope doctor)',
      'attach the run document to a report to vethoscope: a check may be missing',
    ],
    prevention: 'Nothing in general: the cause decides.',
    lab: 'unexplained-drop',
  },
};

/** Every page, sorted by code. */
export const pages: readonly Page[] = [...checks, unexplainedDrop].sort((a, b) =>
  a.meta.code.localeCompare(b.meta.code),
);

/** The page of a code or cause; where the name is a page's own id, that one goes before those that cover it. */
export const findPage = (name: string): Page | undefined =>
  pages.find(({ meta }) => meta.id === name || meta.code.toLowerCase() === name) ??
  pages.find(({ meta }) => meta.covers.includes(name));
