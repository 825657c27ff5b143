/**
 * Names that Docker Desktop and Podman give the host, which no DNS server on Linux knows: they stand in the container's
 * /etc/hosts, or nowhere.
 * @see https://docs.docker.com/reference/cli/docker/container/run/#add-host
 */
const HOST_ALIASES: ReadonlySet<string> = new Set([
  'host.docker.internal',
  'gateway.docker.internal',
  'host.containers.internal',
]);

export const isHostAlias = (name: string): boolean => HOST_ALIASES.has(name.toLowerCase().replace(/\.$/, ''));
