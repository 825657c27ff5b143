import { z } from 'zod';
import { ask, lines, troubleOf } from './ask.js';
import {
  NOTHING,
  type Runtime,
  type RuntimeAnswer,
  type RuntimeContainer,
  type RuntimeName,
  type RuntimeOptions,
} from './runtime.js';

/** What tells the clients with Docker's command line apart. */
export interface DockerLike {
  readonly name: Extract<RuntimeName, 'docker' | 'podman' | 'nerdctl'>;
  /** A client that has nothing to talk to takes 40 ms and more to say so. */
  readonly mayAnswer: () => boolean;
  /** Go template whose output is one JSON object a container; `null` for a client that knows only whole inspections. */
  readonly format: string | null;
}

const COMPOSE_PROJECT = 'com.docker.compose.project';
const COMPOSE_SERVICE = 'com.docker.compose.service';

/** A whole inspection would hold environment variables and labels. */
export const FORMAT = [
  '{"Id":{{json .Id}},"Name":{{json .Name}},"State":{"Pid":{{json .State.Pid}},"Status":{{json .State.Status}}}',
  '"HostConfig":{"NetworkMode":{{json .HostConfig.NetworkMode}}}',
  '"NetworkSettings":{"Networks":{{json .NetworkSettings.Networks}},"Ports":{{json .NetworkSettings.Ports}}}',
  `"Config":{"Labels":{"${COMPOSE_PROJECT}":{{json (index .Config.Labels "${COMPOSE_PROJECT}")}},"${COMPOSE_SERVICE}":{{json (index .Config.Labels "${COMPOSE_SERVICE}")}}}}}`,
].join(',');

const binding = z.object({ HostIp: z.string().optional(), HostPort: z.string().optional() });
const inspection = z.object({
  Id: z.string(),
  Name: z.string(),
  State: z.object({ Pid: z.number().default(0), Status: z.string() }),
  HostConfig: z.object({ NetworkMode: z.string().nullish() }).nullish(),
  NetworkSettings: z
    .object({
      Networks: z.record(z.string(), z.object({ IPAddress: z.string().nullish() }).nullable()).nullish(),
      Ports: z.record(z.string(), z.array(binding).nullable()).nullish(),
    })
    .nullish(),
  Config: z.object({ Labels: z.record(z.string(), z.unknown()).nullish() }).nullish(),
});

/** One JSON object a line, or a JSON list; what is neither is left out. */
const inspections = (text: string): unknown[] =>
  (text.trimStart().startsWith('[') ? [text] : lines(text)).flatMap((json) => {
    try {
      return JSON.parse(json) as unknown;
    } catch {
      return [];
    }
  });

const portsOf = (ports: Readonly<Record<string, readonly z.infer<typeof binding>[] | null>>): string[] =>
  Object.entries(ports).flatMap(([inside, bindings]) =>
    (bindings ?? []).map(({ HostIp: address, HostPort: port }) => {
      const host = address?.includes(':') ? `[${address}]` : address || '0.0.0.0';
      return `${host}:${port ?? ''}->${inside}`;
    }),
  );

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** Containers of an inspection's output, without the drivers of their networks. */
export const parseInspection = (runtime: RuntimeName, output: string): RuntimeContainer[] =>
  inspections(output).flatMap((item) => {
    const parsed = inspection.safeParse(item);
    if (!parsed.success) return [];
    const {
      Id: id,
      Name: name,
      State: state,
      HostConfig: host,
      NetworkSettings: settings,
      Config: config,
    } = parsed.data;
    const service = text(config?.Labels?.[COMPOSE_SERVICE]);
    const project = text(config?.Labels?.[COMPOSE_PROJECT]);
    return {
      runtime,
      id,
      name: name.replace(/^\//, ''),
      pid: state.Pid,
      status: state.Status,
      networkMode: text(host?.NetworkMode),
      networks: Object.entries(settings?.Networks ?? {}).map(([network, own]) => ({
        name: network,
        driver: null,
        address: text(own?.IPAddress),
      })),
      ports: portsOf(settings?.Ports ?? {}),
      service: service === null ? null : `${project ?? ''}/${service}`,
    };
  });

/** A runtime with Docker's command line. */
export const dockerLike = ({ name: client, mayAnswer, format }: DockerLike): Runtime => {
  const inspect = async (names: readonly string[], options: RuntimeOptions): Promise<RuntimeAnswer> => {
    const selection = format === null ? [] : ['--format', format];
    const result = await ask([client, 'inspect', '--type', 'container', ...selection, '--', ...names], options);
    return { containers: parseInspection(client, result.stdout), trouble: troubleOf(client, result, options) };
  };
  const idsOf = async (argv: readonly string[], options: RuntimeOptions) => {
    const result = await ask([client, 'ps', '--quiet', '--no-trunc', ...argv], options);
    const ids = lines(result.stdout).filter((id) => /^[0-9a-f]{12,64}$/.test(id));
    return { ids, trouble: troubleOf(client, result, options) };
  };
  const ofService = async (name: string, options: RuntimeOptions): Promise<RuntimeAnswer> => {
    const [service = '', project] = name.split('/').reverse();
    const filters = [
      `label=${COMPOSE_SERVICE}=${service}`,
      ...(project ? [`label=${COMPOSE_PROJECT}=${project}`] : []),
    ];
    const { ids, trouble } = await idsOf(
      filters.flatMap((filter) => ['--filter', filter]),
      options,
    );
    return ids.length === 0 ? { containers: [], trouble } : inspect(ids, options);
  };
  const driversOf = async (options: RuntimeOptions): Promise<ReadonlyMap<string, string>> => {
    const result = await ask([client, 'network', 'ls', '--format', '{{.Name}} {{.Driver}}'], options);
    return new Map(lines(result.stdout).map((line) => line.split(' ') as [string, string]));
  };
  return {
    name: client,
    startCommand: (name) => `${client} start ${name}`,
    find: async (name, options) => {
      if (!mayAnswer()) return NOTHING;
      const [named, service] = await Promise.all([inspect([name], options), ofService(name, options)]);
      return named.containers.length > 0 ? named : service;
    },
    list: async (options) => {
      if (!mayAnswer()) return NOTHING;
      const [{ ids, trouble }, drivers] = await Promise.all([idsOf([], options), driversOf(options)]);
      if (ids.length === 0) return { containers: [], trouble };
      const answer = await inspect(ids, options);
      const withDriver = (container: RuntimeContainer): RuntimeContainer => ({
        ...container,
        networks: container.networks.map((own) => ({ ...own, driver: drivers.get(own.name) ?? null })),
      });
      return { ...answer, containers: answer.containers.map(withDriver) };
    },
  };
};
