import { shellQuote } from '../model/inert.js';
import type { Run, RunFinding } from '../model/run.js';
import { hopPhrase } from './facts.js';
import { type FailOn, fails, levelOf } from './fail-on.js';
import { story } from './story.js';
import { xml, xmlText } from './xml.js';

/**
 * JUnit XML as pipelines read it: the flow itself is one test, and each check is one. A finding at or above `failOn` is a
 * failure; a check that could not decide is skipped; an undecided run is an error.
 * @see https://github.com/testmoapp/junitxml
 */
export const renderJunit = (run: Run, failOn: FailOn = 'error'): string => {
  const cases = [
    flowCase(run, failOn),
    ...run.findings.map((finding) => findingCase(run, finding, failOn)),
    ...passedCases(run),
    ...skippedCases(run),
  ];
  const count = (kind: string) => cases.filter((text) => text.includes(`<${kind}`)).length;
  const seconds = (run.run.durationMs / 1000).toFixed(3);
  const totals = { tests: cases.length, failures: count('failure '), errors: count('error ') };
  const suite = xml(
    'testsuite',
    {
      name: `${run.target.name} to ${run.flow.destinationText}`,
      ...totals,
      skipped: count('skipped>'),
      time: seconds,
      timestamp: run.run.started.replace(/\.\d+Z$|Z$/, ''),
      hostname: run.run.hostname,
    },
    ...cases,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${xml('testsuites', { name: 'vethoscope', ...totals, time: seconds }, suite)}\n`;
};

const CLASS = 'vethoscope';

const flowCase = (run: Run, failOn: FailOn): string => {
  const { status, title, doubts, code } = run.diagnosis;
  const attributes = {
    name: `${run.flow.destinationText} answers ${run.target.name}`,
    classname: `${CLASS}.flow`,
    time: (run.run.durationMs / 1000).toFixed(3),
  };
  const text = xmlText(story(run).join('\n'));
  if (status === 'inconclusive')
    return xml('testcase', attributes, xml('error', { message: doubts[0] ?? title, type: 'inconclusive' }, text));
  const level = status === 'fault' ? 'error' : 'warning';
  if (status !== 'ok' && fails(level, failOn))
    return xml('testcase', attributes, xml('failure', { message: title, type: code ?? status }, text));
  return xml('testcase', attributes, xml('system-out', {}, text));
};

const findingCase = (run: Run, finding: RunFinding, failOn: FailOn): string => {
  const attributes = {
    name: `${finding.code} ${finding.cause}`,
    classname: `${CLASS}.${finding.check}`,
    time: '0.000',
  };
  const details = xmlText(detailsOf(run, finding));
  const level = levelOf(run, finding);
  if (!fails(level, failOn)) return xml('testcase', attributes, xml('system-out', {}, details));
  return xml('testcase', attributes, xml('failure', { message: finding.title, type: level }, details));
};

const detailsOf = (run: Run, finding: RunFinding): string => {
  const [from = '', to = ''] = finding.link.split('-');
  return [
    `${finding.title} (${finding.rank}, ${finding.confidence})`,
    `between ${hopPhrase(run, from)} and ${hopPhrase(run, to)}, ${finding.stage}`,
    ...finding.evidence.map((proof) => `${proof.kind}: ${proof.text}`),
    ...finding.remedies.flatMap((remedy) => [
      `fix: ${remedy.title}`,
      ...remedy.commands.map((command) => `  ${shellQuote(command)}`),
    ]),
  ].join('\n');
};

const passedCases = (run: Run): readonly string[] =>
  run.ruledOut.map((out) =>
    xml('testcase', { name: `${out.code} ${out.check}`, classname: `${CLASS}.${out.check}`, time: '0.000' }),
  );

const skippedCases = (run: Run): readonly string[] =>
  run.diagnosis.skipped.map((skipped) =>
    xml(
      'testcase',
      { name: skipped.check, classname: `${CLASS}.${skipped.check}`, time: '0.000' },
      xml('skipped', {}, xmlText(skipped.reason)),
    ),
  );
