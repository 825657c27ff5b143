import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Fault, rightCauses } from '../../src/lab/fault.js';
import type { Run } from '../../src/model/run.js';
import { brokenRoles } from '../helpers/trace.js';

export interface CatalogueEntry {
  readonly id: string;
  readonly group: string;
  readonly family: string;
  /** Whether it could be made to happen on a kernel that we have. */
  readonly reproduced: boolean;
  /** Whether its fix lists a command on this host or in this container; not one of another host, of the program inside, or of a file. */
  readonly command: boolean;
}

/** Every known cause. */
export const catalogue = JSON.parse(
  readFileSync(fileURLToPath(new URL('../../fixtures/catalogue.json', import.meta.url)), 'utf8'),
) as readonly CatalogueEntry[];

export type Outcome = 'right' | 'wrong' | 'inconclusive';

/** How a diagnosis compares with what was broken. */
export interface Judgement {
  readonly outcome: Outcome;
  /** The cause is named by its own id, not only by its group. */
  readonly byId: boolean;
  /** The broken link and its direction are right. */
  readonly linkRight: boolean;
  readonly said: string;
}

/**
 * Right: the root is the cause or its group. Inconclusive: no cause was named, or a proved drop that no check explains.
 * Everything else is wrong, a healthy verdict included.
 */
export const judge = (fault: Fault, run: Run | null): Judgement => {
  if (run === null) return { outcome: 'inconclusive', byId: false, linkRight: false, said: 'no run document' };
  const { status, cause, direction, title } = run.diagnosis;
  const linkRight = brokenRoles(run) === fault.expect.link.join('–') && direction === fault.expect.way;
  const said = `${cause ?? status} ${brokenRoles(run) ?? '-'} ${direction ?? '-'}: ${title}`;
  const isUnexplained = cause === 'unexplained-drop' && fault.id !== 'unexplained-drop';
  if (status === 'inconclusive' || isUnexplained) return { outcome: 'inconclusive', byId: false, linkRight, said };
  const isRight = cause !== null && rightCauses(fault).includes(cause);
  return { outcome: isRight ? 'right' : 'wrong', byId: cause === fault.id, linkRight, said };
};

/** The same for a diagnosis that looked at the other host too: then nothing but the cause itself, or its group, is right. */
export const judgeWithPeer = (fault: Fault, run: Run | null): Judgement =>
  judge(
    {
      ...fault,
      expect: { cause: fault.expect.cause, link: fault.expect.link, way: run?.diagnosis.direction ?? fault.expect.way },
    },
    run,
  );

/** Findings that blame something: what was only noticed does not. */
export const blamed = (run: Run | null): readonly string[] =>
  (run?.findings ?? []).filter(({ rank }) => rank !== 'noticed').map(({ rank, cause }) => `${rank} ${cause}`);
