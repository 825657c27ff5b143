import { z } from 'zod';
import { EXIT, KnownError } from '../model/errors.js';
import type { InboundEvidence, InboundWish } from '../model/inbound.js';
import type { ProbeSettings } from '../model/probe.js';
import type { Run } from '../model/run.js';
import type { TraceSettings } from '../model/settings.js';
import type { TrafficEvidence, TrafficWish } from '../model/traffic.js';
import { type Keymap, rebind } from '../tui/keymap.js';
import { THEME_NAMES } from '../tui/theme.js';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of `20ms`, `5s`, `1.5s`, `2m`, `12h`, `14d`. */
export const durationMs = z.string().transform((text, context) => {
  const [, amount = '', unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? [];
  const factor = UNITS[unit];
  if (factor !== undefined) return Number(amount) * factor;
  context.addIssue({ code: 'custom', message: `not a duration: ${JSON.stringify(text)}; write 20ms, 5s or 2m` });
  return z.NEVER;
});

/** A whole number within bounds. */
export const within = (what: string, low: number, high: number) =>
  z
    .string()
    .regex(/^(\d+|0x[0-9a-f]+)$/i, `${what} is a whole number from ${low} to ${high}`)
    .transform(Number)
    .pipe(z.number().min(low, `${what} is at least ${low}`).max(high, `${what} is at most ${high}`));

const limited = (what: string, low: number, high: number, range: string) =>
  durationMs.pipe(z.number().min(low, `${what} is ${range}`).max(high, `${what} is ${range}`));

/** One of some words. */
export const oneOf = <const T extends readonly string[]>(what: string, values: T) =>
  z.enum(values, { error: () => `${what} is one of ${values.join(', ')}` });

const traceOptions = z.object({
  count: within('--count', 1, 1000).optional(),
  interval: limited('--interval', 2, 60_000, 'from 2ms to 60s').optional(),
  size: within('--size', 16, 65_000).nullable().default(null),
  df: z.boolean().default(false),
  source: z.string().nullable().default(null),
  mark: within('--mark', 0, 0xffffffff),
  sourcePort: within('--source-port', 1, 65_535).optional(),
  wait: limited('--wait', 10, 600_000, 'from 10ms to 10m').optional(),
  inbound: z.boolean().default(false),
  passive: z.string().min(1, "--passive takes a capture filter: 'tcp port 443'").optional(),
  socket: within('--socket', 1, 65_535).optional(),
  simulate: z.string().min(1, '--simulate names a namespace, or host').nullable().default(null),
  timeout: limited('--timeout', 100, 600_000, 'from 100ms to 10m'),
  proto: oneOf('--proto', ['icmp', 'tcp', 'udp']).nullable().default(null),
  4: z.boolean().default(false),
  6: z.boolean().default(false),
  dryRun: z.boolean().default(false),
  evidence: z.boolean().default(true),
  controlSibling: z.string().min(1, '--control-sibling names a container').optional(),
  peer: z.string().min(1, '--peer names the namespace of another host: netns:NAME').optional(),
  traceRules: z.boolean().default(false),
  inCgroup: z.boolean().default(false),
  fullSize: z.boolean().default(true),
});

const displayOptions = z.object({
  output: oneOf('--output', ['text', 'json', 'ndjson']).optional(),
  json: z.boolean().default(false),
  failOn: oneOf('--fail-on', ['error', 'warn', 'info']).default('error'),
  verbose: z.number().default(0),
  quiet: z.boolean().default(false),
  color: z.union([z.boolean(), oneOf('--color', ['auto', 'always', 'never'])]).optional(),
  ascii: z.boolean().optional(),
  save: z.boolean().default(true),
  theme: oneOf('--theme', THEME_NAMES).default('auto'),
  keys: z
    .string()
    .default('')
    .transform((wish, context): Keymap => {
      try {
        return rebind(wish);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        context.addIssue({ code: 'custom', message: `--keys: ${error.message}` });
        return z.NEVER;
      }
    }),
});

/** How results are shown. */
export type Display = z.infer<typeof displayOptions> & { readonly format: 'text' | 'json' | 'ndjson' };

/** What the parser of the command line brings: anything, until it is checked here. */
export type RawOptions = Readonly<Record<string, unknown>>;

/** The value that the schema makes of raw options. @throws KnownError */
export const checked = <T>(schema: z.ZodType<T>, raw: unknown): T => {
  const result = schema.safeParse(raw);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new KnownError(issue?.message ?? 'wrong options', { exitCode: EXIT.usage, hint: 'vethoscope --help' });
};

/** @throws KnownError for a value that no option takes */
export const displayFrom = (raw: RawOptions): Display => {
  const display = checked(displayOptions, raw);
  const format = display.json ? 'json' : (display.output ?? 'text');
  if (display.json && display.output !== undefined && display.output !== 'json')
    throw new KnownError(`--json and --output ${display.output} exclude each other`, { exitCode: EXIT.usage });
  if (display.quiet && display.verbose > 0)
    throw new KnownError('--quiet and --verbose exclude each other', { exitCode: EXIT.usage });
  return { ...display, format };
};

/** @throws KnownError for a value that no option takes */
export const traceSettingsFrom = (
  target: string,
  destination: string,
  raw: RawOptions,
  argv: readonly string[],
): TraceSettings => {
  const options = checked(traceOptions, raw);
  if (options[4] && options[6]) throw new KnownError('-4 and -6 exclude each other', { exitCode: EXIT.usage });
  const inbound = inboundWishOf(options);
  const traffic = trafficWishOf(options, destination);
  if (options.inCgroup && (inbound || traffic))
    throw new KnownError('--in-cgroup is for a probe that the container sends', { exitCode: EXIT.usage });
  const others = inbound !== null && inbound.simulate === null ? inbound.waitMs : (traffic?.waitMs ?? 0);
  return {
    target,
    destination,
    probe: {
      protocol: options.proto,
      ...paceOf(options),
      size: options.size,
      df: options.df,
      source: options.source,
      mark: options.mark,
      ...(options.sourcePort === undefined ? {} : { sourcePort: options.sourcePort }),
      timeoutMs: traffic || (inbound && inbound.simulate === null) ? ANSWER_MS : (options.wait ?? ANSWER_MS),
    },
    fullSize: options.fullSize,
    family: options[4] ? 4 : options[6] ? 6 : null,
    ...(inbound ? { inbound } : {}),
    ...(traffic ? { traffic } : {}),
    ...(options.controlSibling === undefined ? {} : { controlSibling: options.controlSibling }),
    ...(options.peer === undefined ? {} : { peer: peerWish(options.peer, inbound, traffic) }),
    ...(options.traceRules ? { traceRules: true } : {}),
    ...(options.inCgroup ? { inCgroup: true } : {}),
    timeoutMs: options.timeout + (traffic?.kind === 'socket' && traffic.waitMs === null ? OTHERS_MS : others),
    dryRun: options.dryRun,
    evidence: options.evidence,
    argv,
  };
};

/** The answer to one of few is no worse for its haste; of many the shares and delays are wanted at an even pace. */
const paceOf = (options: z.output<typeof traceOptions>): Pick<ProbeSettings, 'count' | 'intervalMs' | 'adaptive'> => {
  const count = countOf(options);
  const { interval } = options;
  if (interval !== undefined) return { count, intervalMs: interval };
  return { count, intervalMs: INTERVAL_MS, ...(count > 1 && count <= PROBES ? { adaptive: true } : {}) };
};

/** @throws KnownError where more than one probe, or one of somebody else, would have to come from a chosen port */
const countOf = ({ count, sourcePort, passive, socket, inbound, simulate }: z.output<typeof traceOptions>): number => {
  if (sourcePort === undefined) return count ?? PROBES;
  if (passive !== undefined || socket !== undefined || (inbound && simulate === null))
    throw new KnownError('--source-port is for a probe of ours: with --inbound, name who sends it by --simulate', {
      exitCode: EXIT.usage,
    });
  if ((count ?? 1) === 1) return 1;
  throw new KnownError('--source-port sends one datagram: the next would find what conntrack made of the first', {
    exitCode: EXIT.usage,
    hint: 'leave out --count, and run it again for the next',
  });
};

const PROBES = 3;

/** Milliseconds between two probes, where nothing else is asked for. */
const INTERVAL_MS = 20;

/** Milliseconds for the last answer, and for a connection of somebody else to begin. */
const ANSWER_MS = 1000;
const OTHERS_MS = 30_000;

/** @throws KnownError where no probe of ours leaves for the other host */
const peerWish = (peer: string, inbound: InboundWish | null, traffic: TrafficWish | null): string => {
  if (inbound === null && traffic === null) return peer;
  throw new KnownError('--peer belongs to a probe that leaves this host, not to --inbound, --passive or --socket', {
    exitCode: EXIT.usage,
    hint: 'for example: vethoscope trace web 192.168.11.2 --peer netns:node2',
  });
};

const inboundWishOf = ({ inbound, simulate, wait }: z.output<typeof traceOptions>): InboundWish | null => {
  if (inbound) return { simulate, waitMs: wait ?? OTHERS_MS };
  if (simulate === null) return null;
  throw new KnownError('--simulate belongs to --inbound', {
    exitCode: EXIT.usage,
    hint: 'for example: vethoscope trace web tcp://198.51.100.10:8080 --inbound --simulate netns:client',
  });
};

const trafficWishOf = (
  { passive, socket, wait, inbound, controlSibling }: z.output<typeof traceOptions>,
  destination: string,
): TrafficWish | null => {
  if (passive === undefined && socket === undefined) return null;
  if (controlSibling !== undefined)
    throw new KnownError('--control-sibling sends a probe, --passive and --socket send none', { exitCode: EXIT.usage });
  const flag = passive === undefined ? '--socket' : '--passive';
  const refuse = (other: string, hint: string): KnownError =>
    new KnownError(`${flag} and ${other} exclude each other`, { exitCode: EXIT.usage, hint });
  if (passive !== undefined && socket !== undefined)
    throw refuse('--socket', 'one follows whatever matches a filter, the other one connection');
  if (inbound) throw refuse('--inbound', 'what others send to a published port: --inbound alone');
  if (destination !== '')
    throw refuse(
      'a destination',
      passive === undefined ? 'the connection has its own' : `name it in the filter: 'host ${destination}'`,
    );
  return passive === undefined
    ? { kind: 'socket', port: socket ?? 0, waitMs: wait ?? null }
    : { kind: 'filter', filter: passive, waitMs: wait ?? OTHERS_MS };
};

const watchOptions = z.object({
  maxDuration: limited('--max-duration', 1000, 86_400_000, 'from 1s to 1d'),
  untilFault: z.boolean().default(false),
});

/** @throws KnownError for a value that no option takes */
export const watchLimitsFrom = (raw: RawOptions): { readonly maxDurationMs: number; readonly untilFault: boolean } => {
  const { maxDuration, untilFault } = checked(watchOptions, raw);
  return { maxDurationMs: maxDuration, untilFault };
};

/** The settings that trace the flow of a stored run again. */
export const traceSettingsOf = (run: Run, argv: readonly string[]): TraceSettings => {
  const { probeSettings, inbound, peer, traffic } = run.evidence ?? {};
  if (probeSettings === undefined)
    throw new KnownError(`run ${run.run.id} has no evidence`, {
      exitCode: EXIT.usage,
      hint: `vethoscope fix ${run.target.spelled} ${run.flow.destinationText}`,
    });
  const { controlGroup, ...probe } = probeSettings;
  return {
    target: run.target.spelled,
    destination: run.flow.destinationText,
    probe: { ...probe, protocol: run.flow.protocol, size: probe.df ? probe.size : null },
    fullSize: true,
    family: run.flow.family,
    ...(peer ? { peer: peer.spelled } : {}),
    ...(controlGroup === undefined ? {} : { inCgroup: true }),
    ...(traffic ? { traffic: followedAgain(traffic) } : {}),
    ...(inbound ? { inbound: { simulate: againFrom(run, inbound), waitMs: OTHERS_MS } } : {}),
    timeoutMs: 15_000 + (traffic ? OTHERS_MS : 0),
    dryRun: false,
    evidence: true,
    argv,
  };
};

/** The same traffic of the container once more: the very connection, or what matches the filter. */
const followedAgain = ({ socket, filter }: TrafficEvidence): TrafficWish =>
  socket
    ? { kind: 'socket', port: socket.before.localPort, waitMs: null }
    : { kind: 'filter', filter: filter ?? '', waitMs: OTHERS_MS };

/** Who connects when the flow of a run is tried again. @throws KnownError where that was a person */
const againFrom = ({ target, flow, run }: Run, { client }: InboundEvidence): string => {
  if (client.kind === 'host') return 'host';
  if (client.spelled !== undefined) return client.spelled;
  throw new KnownError(`run ${run.id} waited for a connection of somebody else, which cannot be made again`, {
    exitCode: EXIT.usage,
    hint: `name who connects: vethoscope fix ${target.spelled} ${flow.destinationText} --inbound --simulate netns:CLIENT`,
  });
};

/** Milliseconds of a `--try` option. @throws KnownError */
export const trialMsFrom = (text: string): number =>
  checked(limited('--try', 2_000, 3_600_000, 'from 2s to 60m'), text);

/** Milliseconds of an age option. @throws KnownError */
export const ageFrom = (text: string): number => checked(durationMs, text);

/** Milliseconds of a `--limit` option. @throws KnownError */
export const limitFrom = (text: string): number =>
  checked(limited('--limit', 60_000, 86_400_000, 'from 1m to 24h'), text);
