import { z } from 'zod';
import type { ContainerNetwork } from '../model/container-network.js';
import { parseJsonRows } from './json-rows.js';

const options = z.record(z.string(), z.string()).nullish();

const dockerRow = z.object({
  Name: z.string(),
  Id: z.string(),
  Driver: z.string(),
  Internal: z.boolean().default(false),
  IPAM: z.object({ Config: z.array(z.object({ Subnet: z.string().optional() })).nullish() }).nullish(),
  Options: options,
});

const podmanRow = z.object({
  name: z.string(),
  driver: z.string(),
  network_interface: z.string().optional(),
  internal: z.boolean().default(false),
  subnets: z.array(z.object({ subnet: z.string() })).nullish(),
  options,
});

const BRIDGE = 'com.docker.network.bridge';

/** Docker names a bridge after the network's ID, unless it was told a name. */
const SHORT_ID = 12;

/** `docker network inspect`. @throws ParseError */
export const parseDockerNetworks = (text: string): ContainerNetwork[] =>
  parseJsonRows('docker network inspect', text, dockerRow).map((row) => ({
    runtime: 'docker',
    name: row.Name,
    driver: row.Driver,
    bridge: row.Driver === 'bridge' ? (row.Options?.[`${BRIDGE}.name`] ?? `br-${row.Id.slice(0, SHORT_ID)}`) : null,
    internal: row.Internal,
    icc: row.Options?.[`${BRIDGE}.enable_icc`] !== 'false',
    masquerade: row.Options?.[`${BRIDGE}.enable_ip_masquerade`] !== 'false',
    subnets: (row.IPAM?.Config ?? []).flatMap(({ Subnet }) => Subnet ?? []),
  }));

/** `podman network inspect`. @throws ParseError */
export const parsePodmanNetworks = (text: string): ContainerNetwork[] =>
  parseJsonRows('podman network inspect', text, podmanRow).map((row) => ({
    runtime: 'podman',
    name: row.name,
    driver: row.driver,
    bridge: row.driver === 'bridge' ? (row.network_interface ?? null) : null,
    internal: row.internal,
    icc: true,
    masquerade: !row.internal,
    subnets: (row.subnets ?? []).map(({ subnet }) => subnet),
  }));
