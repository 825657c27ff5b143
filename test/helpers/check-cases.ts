import { describe, expect, test } from 'vitest';
import type { Check, CheckProduct } from '../../checks/define-check.js';
import { examine } from '../../src/engine/diagnose.js';
import { isAbout, runChecks } from '../../src/engine/run-checks.js';
import type { Evidence } from '../../src/model/evidence.js';
import type { Finding, Remedy } from '../../src/model/finding.js';
import type { Way } from '../../src/model/flow.js';
import type { Path, Stage } from '../../src/model/path.js';
import { recorded, recordedIds } from './evidence.js';

/** A finding as a test states it: links by the roles of their two hops, commands as text. */
export interface ExpectedFinding {
  readonly cause: string;
  readonly place: {
    /** `bridge – uplink`. */
    readonly link: string;
    readonly stage: Stage;
    readonly way: Way;
    readonly turn?: number;
    readonly netns: string;
    readonly device?: string;
    readonly object?: string;
  };
  /** `bridge – uplink forward`, in the order of the finding. */
  readonly loses: readonly string[];
  /** Kinds of proof, in order. */
  readonly proof: string;
  /** Commands of each remedy; `instruction` where a person has to act. */
  readonly remedies: readonly ('instruction' | readonly string[])[];
}

interface Case {
  /** A sentence of behaviour. */
  readonly name: string;
  readonly evidence: Evidence;
}

export interface FailingCase extends Case {
  readonly findings: readonly [ExpectedFinding, ...ExpectedFinding[]];
}

export interface PassingCase extends Case {
  readonly because: string;
}

export interface NotApplicableCase extends Case {
  readonly reason: string;
}

export interface CheckCases {
  readonly fails: readonly [FailingCase, ...FailingCase[]];
  readonly passes: readonly [PassingCase, ...PassingCase[]];
  /** `never` for the check that is about every container. */
  readonly notApplicable: readonly [NotApplicableCase, ...NotApplicableCase[]] | 'never';
}

/** Tests one check on evidence. At least one case of each outcome is needed, or the file does not compile. */
export const testCheck = (check: Check, cases: CheckCases): void => {
  describe(check.meta.id, () => {
    for (const { name, evidence, findings } of cases.fails)
      test(name, () => {
        const product = productOf(check, evidence);
        if (product.status !== 'fail') throw new Error(`it does not fail: ${JSON.stringify(product)}`);
        expect(product.findings.map((finding) => stated(evidence.path, finding))).toEqual(findings);
        for (const finding of product.findings) expectWellFormed(check, evidence, finding);
      });

    for (const { name, evidence, because } of cases.passes)
      test(name, () => {
        expect(productOf(check, evidence)).toEqual({ status: 'pass', because });
      });

    if (cases.notApplicable === 'never')
      test.each(recordedIds.filter((id) => isAbout(check, recorded(id))))('it has an answer about %s', (id) => {
        expect(productOf(check, recorded(id)).status).not.toBe('not-applicable');
      });
    else
      for (const { name, evidence, reason } of cases.notApplicable)
        test(name, () => {
          expect(productOf(check, evidence)).toEqual({ status: 'not-applicable', reason });
        });

    test.each([...check.meta.requires])('it is skipped, not passed, when %s could not be read', (key) => {
      const [netns = '', name = ''] = key.split('.');
      const { evidence } = cases.fails[0];
      const unread = { ok: false, reason: 'failed', message: 'it went wrong', command: [], ms: 0 };
      const before = { ...evidence.before, [netns]: { ...evidence.before[netns], [name]: unread } };
      const cut = { ...evidence, before } as Evidence;
      const { findings, ruledOut, skipped } = runChecks([check], cut, examine(cut).context);
      expect({ findings, ruledOut }).toEqual({ findings: [], ruledOut: [] });
      expect(skipped).toHaveLength(1);
    });
  });
};

/** The check's own answer, run as the engine runs it: on the artifacts that it declares, which it must not change. */
const productOf = (check: Check, evidence: Evidence): CheckProduct => {
  let product: CheckProduct | null = null;
  const watched: Check = {
    ...check,
    run: (artifacts, context) => {
      product = check.run(artifacts, context);
      return product;
    },
  };
  const { skipped } = runChecks([watched], frozen(evidence), examine(evidence).context);
  if (product === null) throw new Error(`the check did not run: ${JSON.stringify(skipped)}`);
  return product;
};

const frozen = <T>(value: T): T => {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) frozen(part);
  return Object.freeze(value);
};

const linkName = (path: Path, id: string): string => {
  const link = path.links.find((candidate) => candidate.id === id);
  const role = (hop: string | undefined) =>
    path.hops.find((candidate) => candidate.id === hop)?.role ?? `no hop ${hop}`;
  return `${role(link?.from)} – ${role(link?.to)}`;
};

const commandsOf = (remedy: Remedy): 'instruction' | readonly string[] =>
  remedy.kind === 'instruction' ? 'instruction' : remedy.commands.map((command) => command.join(' '));

/** The finding in the words of `ExpectedFinding`. */
export const stated = (path: Path, { cause, place, loses, proof, remedies }: Finding): ExpectedFinding => ({
  cause,
  place: { ...place, link: linkName(path, place.link) },
  loses: loses.map(({ link, way }) => `${linkName(path, link)} ${way}`),
  proof: proof.map(({ kind }) => kind).join(' '),
  remedies: remedies.map(commandsOf),
});

/**
 * Stages of the way back, hooks that bridged packets meet through br_netfilter, and queues and programs of a device on the
 * way back, and the socket that a connection begins at: links list those of the way there.
 */
const ELSEWHERE: readonly Stage[] = ['output', 'input', 'forward', 'bridge-port', 'tc', 'qdisc', 'socket'];

/** Takes out what the kernel learnt: paths, or one entry of conntrack. Nothing is put back. */
const LEARNT =
  / route flush cache$|^conntrack -D .*--orig-src \S+ --orig-dst \S+ --orig-port-src \d+ --orig-port-dst \d+$/;

/** What must hold for every finding of every check. */
const expectWellFormed = (check: Check, evidence: Evidence, finding: Finding): void => {
  expect(check.meta.covers).toContain(finding.cause);
  expect(finding.title).toMatch(/^\S.*[^.!\s]$/);
  const link = evidence.path.links.find(({ id }) => id === finding.place.link);
  expect([...(link?.stages ?? []), ...ELSEWHERE]).toContain(finding.place.stage);
  for (const { text, command } of finding.proof) {
    expect(text.trim()).not.toBe('');
    if (command) expectCommand(command);
  }
  for (const remedy of finding.remedies) {
    expect(remedy.title.trim()).not.toBe('');
    expect(remedy.riskText.trim()).not.toBe('');
    expect(remedy.commands.length > 0).toBe(remedy.kind !== 'instruction');
    const isLearnt = remedy.commands.every((command) => LEARNT.test(command.join(' ')));
    if (remedy.commands.length > 0 && remedy.risk !== 'high' && !isLearnt)
      expect(remedy.undo.length).toBeGreaterThan(0);
    for (const command of [...remedy.commands, ...remedy.undo]) expectCommand(command);
  }
};

const expectCommand = (command: readonly string[]): void => {
  expect(command.length).toBeGreaterThan(1);
  for (const word of command) expect(word, command.join(' ')).toMatch(/\S/);
};
