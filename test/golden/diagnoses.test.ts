import { describe, expect, test } from 'vitest';
import { diagnose } from '../../src/engine/diagnose.js';
import { rightCauses } from '../../src/lab/fault.js';
import { faults } from '../../src/lab/faults/index.js';
import { topologies } from '../../src/lab/topologies/index.js';
import { quoteWords } from '../../src/model/inert.js';
import type { Run } from '../../src/model/run.js';
import { renderText } from '../../src/report/text.js';
import { recorded, recordedIds, runFrom } from '../helpers/evidence.js';

const WIDTH = 80;
const FORMS = ['full', 'short', 'quiet'] as const;

/** A drawn break: the cross on the request's or on the reply's row, or beside a link in the list of hops. */
const BREAK = { false: /✗/g, true: /X(?![\w-])/g } as const;

const roleOf = (run: Run, id: string): string => run.path.hops.find((hop) => hop.id === id)?.role ?? id;

/** What a diagnosis decides, without its words. */
const decision = (run: Run) => {
  const { status, code, cause, direction, brokenLink, confidence, rewrites, doubts } = run.diagnosis;
  return {
    status,
    code,
    cause,
    direction,
    brokenLink: brokenLink
      ? `${roleOf(run, brokenLink.from)} – ${roleOf(run, brokenLink.to)}, ${brokenLink.stage}`
      : null,
    confidence,
    rewrites: rewrites.map(({ way, field, before, after }) => `${way} ${field}: ${before} -> ${after}`),
    doubts,
    findings: run.findings.map((finding) => ({
      rank: finding.rank,
      cause: finding.cause,
      place: [finding.link, finding.stage, finding.direction, finding.netns, finding.device, finding.object]
        .filter((part) => part !== undefined)
        .join(', '),
      confidence: finding.confidence,
      proof: finding.evidence.map((proof) => proof.kind).join(' '),
    })),
    ruledOut: run.ruledOut.map(({ code: excluded, because }) => `${excluded} ${because}`),
    skipped: run.diagnosis.skipped,
  };
};

const textsOf = (run: Run): readonly string[] =>
  FORMS.flatMap((form) => [false, true].map((ascii) => renderText(run, { form, ascii, color: false, width: WIDTH })));

test('every fault and every network of the lab has a recording, and nothing else has', () => {
  expect(recordedIds).toEqual([...faults, ...topologies].map(({ id }) => id).sort());
});

describe.each(recordedIds)('%s', (id) => {
  const evidence = recorded(id);
  const run = runFrom(evidence, diagnose(evidence));

  test('the diagnosis is the one that was agreed on', async () => {
    await expect(`${JSON.stringify(decision(run), null, 2)}\n`).toMatchFileSnapshot(
      `../../fixtures/golden/${id}.diagnosis.json`,
    );
  });

  test('the text is the one that was agreed on', async () => {
    const pages = FORMS.flatMap((form) =>
      [false, true].map(
        (ascii) =>
          `${`=== ${form}${ascii ? ', ascii' : ''} `.padEnd(WIDTH, '=')}\n${renderText(run, { form, ascii, color: false, width: WIDTH })}`,
      ),
    );
    await expect(pages.join('\n')).toMatchFileSnapshot(`../../fixtures/golden/${id}.txt`);
  });

  test('a diagnosis of the stored evidence gives the same again', () => {
    expect(diagnose(recorded(id))).toEqual(diagnose(evidence));
  });

  test('no line is wider than the terminal, unless one word of a command is', () => {
    const words = run.findings
      .flatMap(({ evidence: proofs, remedies }) => [
        ...proofs.flatMap(({ command }) => (command ? [command] : [])),
        ...remedies.flatMap(({ commands, undo }) => [...commands, ...undo]),
      ])
      .flatMap((command) => quoteWords(command))
      .filter((word) => word.length > WIDTH - 20);
    for (const text of textsOf(run))
      for (const line of text.split('\n'))
        if (!words.some((word) => line.includes(word))) expect(line.length, line).toBeLessThanOrEqual(WIDTH);
  });

  test('the short form fits a screen of 24 lines', () => {
    const text = renderText(run, { form: 'short', ascii: false, color: false, width: WIDTH });
    expect(text.split('\n').length).toBeLessThanOrEqual(24);
  });

  test('exactly one break is drawn, and none where nothing is broken', () => {
    for (const form of ['full', 'short'] as const)
      for (const ascii of [false, true]) {
        const text = renderText(run, { form, ascii, color: false, width: WIDTH });
        const drawing = text.split('\n\n')[1] ?? '';
        expect(drawing.match(BREAK[`${ascii}`])?.length ?? 0, text).toBe(run.diagnosis.brokenLink ? 1 : 0);
      }
  });

  test('without colour there is no escape sequence, and in ASCII nothing else', () => {
    for (const text of textsOf(run)) expect(text).not.toContain('\u001b');
    for (const form of FORMS)
      expect(renderText(run, { form, ascii: true, color: false, width: WIDTH })).toMatch(/^[\n\x20-\x7e]*$/);
  });

  test('colour changes nothing but the colours', () => {
    for (const form of FORMS) {
      const [plain, painted] = [false, true].map((color) =>
        renderText(run, { form, ascii: false, color, width: WIDTH }),
      );
      expect(painted).toContain('\u001b[');
      expect(painted?.replaceAll(/\u001b\[\d+m/g, '')).toBe(plain);
    }
  });
});

const caseOf = (fault: (typeof faults)[number]) => {
  const evidence = recorded(fault.id);
  return runFrom(evidence, diagnose(evidence));
};

describe('a recorded fault', () => {
  test.each([...faults])('$id is named, at its link and on its way', (fault) => {
    const run = caseOf(fault);
    const { cause, direction, brokenLink, confidence } = run.diagnosis;
    expect(rightCauses(fault)).toContain(cause);
    expect(direction).toBe(fault.expect.way);
    expect([brokenLink?.from ?? '', brokenLink?.to ?? ''].map((hop) => roleOf(run, hop))).toEqual(fault.expect.link);
    if (fault.expect.stage) expect(run.findings[0]?.stage).toBe(fault.expect.stage);
    expect(['certain', 'likely']).toContain(confidence);
  });
});

describe('a healthy network', () => {
  test.each([...topologies])('$id is not blamed', ({ id }) => {
    const diagnosis = diagnose(recorded(id));
    expect(diagnosis.status).toBe('ok');
    expect(diagnosis.findings).toEqual([]);
  });
});
