import type { Proof } from '../model/finding.js';
import { inert, shellQuote } from '../model/inert.js';
import type { Run, RunFinding } from '../model/run.js';
import { hopPhrase, netnsTitle, stageWords } from './facts.js';
import { type FailOn, fails, levelOf } from './fail-on.js';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

/**
 * SARIF 2.1.0: each finding is a result, at its place on the path, and at the file that set it. Where no file
 * is known it is the run document, since code hosts refuse results without a file.
 * @see https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */
export const renderSarif = (run: Run, failOn: FailOn = 'error'): string => {
  const rules = [...new Map(run.findings.map((finding) => [finding.code, finding])).values()];
  const failing = run.findings.some((finding) => fails(levelOf(run, finding), failOn));
  const log = {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: run.tool.name,
            ...semantic(run.tool.version),
            rules: rules.map((finding) => ({
              id: finding.code,
              name: finding.cause,
              shortDescription: { text: inert(finding.cause) },
              help: { text: `vethoscope explain ${finding.code}` },
            })),
          },
        },
        automationDetails: { id: `vethoscope/${inert(run.target.name)}/${run.run.id}` },
        invocations: [
          {
            commandLine: inert(shellQuote(['vethoscope', ...run.run.argv])),
            startTimeUtc: run.run.started,
            executionSuccessful: run.diagnosis.status !== 'inconclusive',
            toolExecutionNotifications: run.diagnosis.doubts.map((doubt) => ({
              level: 'warning',
              message: { text: inert(doubt) },
            })),
          },
        ],
        columnKind: 'utf16CodeUnits',
        results: run.findings.map((finding) => resultOf(run, finding, rules)),
        properties: { status: run.diagnosis.status, failing, redacted: run.run.redacted },
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
};

const semantic = (version: string) => (/^\d+\.\d+\.\d+/.test(version) ? { semanticVersion: version } : { version });

const resultOf = (run: Run, finding: RunFinding, rules: readonly RunFinding[]) => ({
  ruleId: finding.code,
  ruleIndex: rules.findIndex((rule) => rule.code === finding.code),
  level: levelOf(run, finding),
  message: { text: messageOf(run, finding) },
  locations: [locationOf(run, finding)],
  partialFingerprints: {
    'causeAndPlace/v1': [
      finding.cause,
      finding.link,
      finding.stage,
      inert(finding.object ?? finding.device ?? ''),
    ].join('|'),
  },
  properties: {
    cause: finding.cause,
    rank: finding.rank,
    confidence: finding.confidence,
    direction: finding.direction,
  },
});

const messageOf = (run: Run, finding: RunFinding): string =>
  [
    `${finding.title}.`,
    ...finding.evidence.map((proof: Proof) => `${proof.kind}: ${proof.text}`),
    ...finding.remedies.flatMap((remedy) =>
      remedy.commands.map((command) => `fix on ${netnsTitle(run, remedy.netns)}: ${shellQuote(command)}`),
    ),
  ]
    .map(inert)
    .join('\n');

const locationOf = (run: Run, finding: RunFinding) => {
  const [from = '', to = ''] = finding.link.split('-');
  const { origin } = finding;
  return {
    physicalLocation: {
      artifactLocation: { uri: origin?.file ? fileUri(origin.file) : `run-${run.run.id}.json` },
      region: { startLine: origin?.line ?? 1 },
    },
    logicalLocations: [
      {
        fullyQualifiedName: inert(
          `${netnsTitle(run, finding.netns)}/${finding.device ?? finding.object ?? finding.stage}`,
        ),
        kind: 'resource',
      },
    ],
    message: {
      text: inert(`between ${hopPhrase(run, from)} and ${hopPhrase(run, to)}, at ${stageWords(finding.stage)}`),
    },
  };
};

const fileUri = (path: string): string => `file://${path.split('/').map(encodeURIComponent).join('/')}`;
