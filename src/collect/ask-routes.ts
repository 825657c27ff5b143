import { inNetns } from '../host/in-netns.js';
import { runCommand } from '../host/run-command.js';
import type { Asked } from '../model/asked.js';
import type { Flow } from '../model/flow.js';
import type { NetnsRef } from '../model/netns.js';
import type { Path } from '../model/path.js';

/** A route question: what is asked, where, and the command that asks it. Nothing is sent. */
export interface RouteQuestion {
  readonly what: Asked['what'];
  readonly netns: NetnsRef;
  readonly command: readonly string[];
}

/**
 * What to ask the kernel about this flow: the container's own route, and at each router the route there and the route
 * back for this very packet. Questions need both addresses, so a container without one gives only the first.
 * @see ip-route(8), `ip route get … from … iif …`
 */
export const routeQuestions = (path: Path, flow: Flow, netns: readonly NetnsRef[]): readonly RouteQuestion[] => {
  const named = (id: string) => netns.find((candidate) => candidate.id === id);
  const ip = [...(flow.family === 6 ? ['ip', '-6'] : ['ip']), 'route', 'get'];
  const mark = flow.mark === 0 ? [] : ['mark', String(flow.mark)];
  const ask = (what: Asked['what'], id: string, argv: readonly string[]): readonly RouteQuestion[] => {
    const place = named(id);
    return place ? [{ what, netns: place, command: inNetns(place, [...ip, ...argv]) }] : [];
  };
  const { source, destination } = flow;
  return [
    ...ask('route-origin', 'target', [destination, ...mark]),
    ...path.routers.flatMap((router) =>
      source === null
        ? []
        : [
            ...ask('route-forward', router.netns, [destination, 'from', source, 'iif', router.iif]),
            ...(router.oif === null
              ? []
              : ask('route-return', router.netns, [source, 'from', destination, 'iif', router.oif])),
          ],
    ),
  ];
};

/** Asks them all at once. The answer is the kernel's own line, also when it is an error. */
export const askRoutes = (questions: readonly RouteQuestion[], signal?: AbortSignal): Promise<readonly Asked[]> =>
  Promise.all(
    questions.map(async ({ what, netns, command }): Promise<Asked> => {
      const result = await runCommand(command, { timeoutMs: 2000, signal });
      const answer = result.exitCode === 0 ? result.stdout : result.stderr;
      return { what, netns: netns.id, command, exitCode: result.exitCode, answer: answer.trim() };
    }),
  );
