import { isIP } from 'node:net';
import { cmdlineOf, processesNamed } from '../host/processes.js';
import type { Flow } from '../model/flow.js';
import type { DockerProxy } from '../model/inbound.js';

/**
 * The docker-proxy of a published place in this namespace: it takes connections that no rule translates. Its command line is
 * Docker's own: addresses and ports. That of :: takes IPv6 alone; before Docker 20.10.6 the one of 0.0.0.0 took both.
 * @see https://docs.docker.com/engine/network/packet-filtering-firewalls/ (userland proxy)
 */
export const dockerProxyOf = async ({
  destination,
  port,
  protocol,
}: Pick<Flow, 'destination' | 'port' | 'protocol'>): Promise<DockerProxy | null> => {
  const pids = [...(await processesNamed(new Set(['docker-proxy']))).keys()];
  const lines = await Promise.all(pids.map(async (pid) => ({ pid, words: await cmdlineOf(pid) })));
  for (const { pid, words } of lines) {
    const value = (name: string): string | null => words[words.indexOf(name) + 1] ?? null;
    const address = value('-host-ip');
    const isOurs =
      Number(value('-host-port')) === port &&
      value('-proto') === protocol &&
      (address === destination || address === '0.0.0.0' || (address === '::' && isIP(destination) === 6));
    const [container, containerPort] = [value('-container-ip'), Number(value('-container-port'))];
    if (isOurs && container !== null && containerPort > 0) return { pid, container, port: containerPort };
  }
  return null;
};
