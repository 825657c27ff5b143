import { parse } from 'yaml';
import { z } from 'zod';
import type { CheckReport } from '../model/check-report.js';
import { EXIT, KnownError } from '../model/errors.js';

const nat = z.strictObject({ source: z.string().optional(), destination: z.string().optional() });

const statement = z.strictObject({
  verdict: z.enum(['accepted', 'dropped', 'depends']).optional(),
  /** Device that the request leaves by; `none` when it does not leave the host. */
  egress: z.string().optional(),
  /** Addresses of the request as it leaves; `none` when they are those it came with. */
  nat: z.union([z.literal('none'), nat]).optional(),
  /** Stage of the phase that decides: `forward`, `route`, … */
  stage: z.string().optional(),
});

const flow = z.strictObject({
  name: z.string().optional(),
  target: z.string().optional(),
  destination: z.string().optional(),
  proto: z.enum(['icmp', 'tcp', 'udp']).optional(),
  source: z.string().optional(),
  iif: z.string().optional(),
  inbound: z.boolean().optional(),
  expect: statement,
});

const document = z.union([z.strictObject({ flows: z.array(flow).min(1) }), statement]);

export type Statement = z.output<typeof statement>;
export type ExpectedFlow = z.output<typeof flow>;

/** What a file of expectations states, in YAML or JSON. @throws KnownError for anything else */
export const parseExpectations = (text: string, source: string): readonly ExpectedFlow[] => {
  let value: unknown;
  try {
    value = parse(text, { maxAliasCount: 20 });
  } catch (error) {
    const [line = ''] = (error as Error).message.split('\n');
    throw new KnownError(`${source}: ${line}`, { exitCode: EXIT.usage, hint: HINT, cause: error });
  }
  const whole = document.safeParse(value);
  if (whole.success) return 'flows' in whole.data ? whole.data.flows : [{ expect: whole.data }];
  const shape =
    typeof value === 'object' && value !== null && 'flows' in value ? z.object({ flows: z.array(flow) }) : statement;
  const [issue] = shape.safeParse(value).error?.issues ?? [];
  const where = issue && issue.path.length > 0 ? `${issue.path.join('.')}: ` : '';
  throw new KnownError(`${source}: ${where}${issue?.message ?? 'no expectations'}`, {
    exitCode: EXIT.usage,
    hint: HINT,
  });
};

const HINT =
  'for example: {"flows": [{"target": "web", "destination": "203.0.113.5", "expect": {"verdict": "accepted"}}]}';

/** How a report differs from what was expected of it, one sentence each. */
export const differencesFrom = (
  expected: Statement,
  { conclusion, phases, flow: asked }: CheckReport,
): readonly string[] => {
  const { leaves, verdict, phase } = conclusion;
  const stage = phases.find(({ number }) => number === phase)?.stage ?? 'none';
  const wanted: [string, string | undefined, string][] = [
    ['verdict', expected.verdict, verdict],
    ['egress', expected.egress, leaves?.device ?? 'none'],
    ['stage', expected.stage, stage],
  ];
  if (expected.nat === 'none') {
    wanted.push(['source', asked.source ?? leaves?.source, leaves?.source ?? 'none']);
    wanted.push(['destination', asked.destination, leaves?.destination ?? 'none']);
  } else {
    wanted.push(['source after NAT', expected.nat?.source, leaves?.source ?? 'none']);
    wanted.push(['destination after NAT', expected.nat?.destination, leaves?.destination ?? 'none']);
  }
  return wanted
    .filter(([, want, is]) => want !== undefined && want !== is)
    .map(([what, want, is]) => `${what} is ${is}, expected ${want}`);
};
