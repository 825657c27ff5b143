import { z } from 'zod';
import {
  type Breakage,
  COLLATERAL,
  type LabCommands,
  type LabProbe,
  type LabService,
  type Scenario,
} from '../model/scenario.js';

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

const line = z
  .string()
  .trim()
  .min(1, 'is empty')
  .max(500, 'is longer than 500 characters')
  .regex(/^[^\n\r]*$/, 'is one line');
const prose = z.string().trim().min(1, 'is empty').max(5000, 'is longer than 5000 characters');
const command = z.string().trim().min(1, 'is empty').max(2000, 'is longer than 2000 characters');
const name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'is made of small letters, digits and hyphens, at most 32');
const netns = z.string().regex(/^[a-z][a-z0-9-]{0,14}$/, 'names no namespace');
const duration = z
  .string()
  .regex(/^\d{1,4}[smh]$/, 'is a time such as 30s or 8m')
  .transform((text) => Number(text.slice(0, -1)) * (UNITS[text.slice(-1)] ?? 0));
const pattern = line.refine(compiles, 'is no regular expression');
const port = z.int().min(1).max(65_535);
const size = z.int().min(16).max(65_000);
const target = line.regex(/^\S+:\d{1,5}$/, 'is an address and a port, such as 203.0.113.5:80');

function compiles(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}

const host = netns.default('host');
const container = netns.default('net1');

const PROBES = {
  ping: z.strictObject({
    ping: line,
    from: container,
    expect: z.enum(['answered', 'lost', 'partly']),
    size: size.optional(),
    df: z.boolean().default(false),
    count: z.int().min(1).max(200).default(2),
  }),
  tcp: z.strictObject({ tcp: target, from: container, expect: z.enum(['answered', 'refused', 'lost']) }),
  dns: z.strictObject({ dns: line, server: line, from: container, expect: z.enum(['answered', 'lost']) }),
  setting: z.strictObject({ setting: line, netns: host, is: z.union([z.string(), z.int()]) }),
  run: z.strictObject({
    run: command,
    netns: host,
    expect: z.enum(['succeeds', 'fails']).default('succeeds'),
    prints: pattern.optional(),
    printsNot: pattern.optional(),
  }),
} as const;

/** Keys of which one says what kind of probe it is. */
export const PROBE_KINDS = Object.keys(PROBES) as readonly (keyof typeof PROBES)[];

const fromFile = (probe: z.output<(typeof PROBES)[keyof typeof PROBES]>): LabProbe => {
  if ('ping' in probe) {
    const { ping, ...rest } = probe;
    return { kind: 'ping', to: ping, ...rest };
  }
  if ('tcp' in probe) return { kind: 'tcp', to: probe.tcp, from: probe.from, expect: probe.expect };
  if ('dns' in probe) {
    const { dns, ...rest } = probe;
    return { kind: 'dns', name: dns, ...rest };
  }
  if ('setting' in probe) return { kind: 'setting', name: probe.setting, netns: probe.netns, is: String(probe.is) };
  const { run, ...rest } = probe;
  return { kind: 'run', command: run, ...rest };
};

/** The issues of another schema, at the same place. */
type Issues = { readonly issues: readonly z.core.$ZodIssue[] };
const passOn = (context: z.RefinementCtx, { issues }: Issues): never => {
  for (const issue of issues) context.addIssue({ ...issue } as Parameters<typeof context.addIssue>[0]);
  return z.NEVER;
};

/** What a mapping is, is said by the one of some keys that it has. */
const byKey = <T, R>(
  schemas: Readonly<Record<string, z.ZodType<T>>>,
  what: string,
  build: (value: T) => R,
): z.ZodType<R> =>
  z.unknown().transform((value, context): R => {
    const kinds = Object.keys(schemas);
    const wanted = `${what} has one of ${kinds.join(', ')}`;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      context.addIssue({ code: 'custom', message: wanted });
      return z.NEVER;
    }
    const [kind, other] = kinds.filter((key) => Object.hasOwn(value, key));
    const schema = kind === undefined ? undefined : schemas[kind];
    if (schema === undefined || other !== undefined) {
      context.addIssue({
        code: 'custom',
        message: other === undefined ? wanted : `${wanted}, not ${kind} and ${other}`,
      });
      return z.NEVER;
    }
    const result = schema.safeParse(value);
    return result.success ? build(result.data) : passOn(context, result.error);
  });

const probe = byKey<z.output<(typeof PROBES)[keyof typeof PROBES]>, LabProbe>(PROBES, 'a probe', fromFile);

const commands = z
  .strictObject({ run: z.union([command.transform((one) => [one]), z.array(command).min(1).max(50)]), netns: host })
  .transform(({ run, netns: where }): LabCommands => ({ netns: where, commands: run }));

const breakage = byKey<Breakage, Breakage>(
  { fault: z.strictObject({ fault: line }), run: commands },
  'what is broken',
  (value) => value,
);

const service = byKey<LabService, LabService>(
  {
    tcp: z
      .strictObject({ tcp: port, netns, address: line.default('0.0.0.0') })
      .transform(({ tcp, ...rest }): LabService => ({ kind: 'tcp', port: tcp, ...rest })),
    echo: z
      .strictObject({ echo: port, netns, address: line.default('0.0.0.0') })
      .transform(({ echo, ...rest }): LabService => ({ kind: 'echo', port: echo, ...rest })),
    dns: z
      .strictObject({ dns: line, netns })
      .transform(({ dns, netns: where }): LabService => ({ kind: 'dns', netns: where, address: dns, port: 53 })),
  },
  'a service',
  (value) => value,
);

const HOP_ROLES = [
  'socket',
  'container',
  'veth-host',
  'bridge',
  'bridge-port',
  'tunnel',
  'uplink',
  'lower',
  'peer',
  'return-egress',
  'alternate-uplink',
  'outside',
  'service',
] as const;
const role = z.enum(HOP_ROLES);

const step = z
  .strictObject({
    say: prose.optional(),
    ask: prose.optional(),
    answer: prose.optional(),
    note: prose.optional(),
    hop: z.int().min(1).max(12).optional(),
    command: command.optional(),
    netns: host,
    traffic: command.optional(),
    fails: z.boolean().default(false),
    changes: z.boolean().default(false),
  })
  .refine((value) => value.say !== undefined || value.ask !== undefined, 'a step says or asks something')
  .refine((value) => value.command !== undefined || !value.changes, 'a step that changes something has a command')
  .refine((value) => value.command !== undefined || value.traffic === undefined, 'traffic runs beside a command')
  .refine((value) => value.ask !== undefined || value.answer === undefined, 'an answer belongs to a question');

const hint = z.strictObject({
  when: z
    .strictObject({
      tried: pattern.optional(),
      notTried: pattern.optional(),
      after: duration.optional(),
      probe: probe.optional(),
    })
    .transform(({ after, ...rest }) => ({ ...rest, afterMs: after }))
    .default({ afterMs: undefined }),
  text: prose,
});

const list = <T extends z.ZodType>(item: T, most = 50) => z.array(item).max(most);

/** The schema of a scenario file, without what depends on the lab: faults, networks and causes. */
export const scenarioSchema: z.ZodType<Omit<Scenario, 'file'>> = z
  .strictObject({
    id: name,
    title: line.max(60, 'is longer than 60 characters'),
    level: z.int().min(1).max(5),
    time: duration,
    order: z.int().min(0).max(9999).nullable().default(null),
    teaches: list(line).default([]),
    briefing: prose,
    topology: line,
    services: list(service).default([]),
    prepare: list(commands).default([]),
    break: list(breakage).default([]),
    symptom: list(probe).min(1, 'has one probe at least'),
    trace: z
      .strictObject({
        target: line.optional(),
        to: line.optional(),
        proto: z.enum(['icmp', 'tcp', 'udp']).optional(),
        from: netns.optional(),
        size: size.optional(),
        df: z.boolean().default(false),
        count: z.int().min(1).max(1000).optional(),
      })
      .nullable()
      .default(null),
    expect: list(
      z.strictObject({
        cause: line,
        link: z.tuple([role, role]).optional(),
        direction: z.enum(['forward', 'return']).optional(),
      }),
    ).default([]),
    steps: list(step, 60).default([]),
    hints: list(hint).min(1, 'has one hint at least'),
    check: list(probe).min(1, 'has one probe at least'),
    collateral: list(z.enum(COLLATERAL)).default([]),
    solve: list(commands).default([]),
    debrief: prose,
  })
  .transform(({ time, ...rest }) => ({ ...rest, timeMs: time }));
