import type { NetnsTopology, Topology } from '../../src/discover/index.js';
import { parseIpAddress } from '../../src/parse/ip-address.js';
import { parseIpLink } from '../../src/parse/ip-link.js';
import { parseIpRoute } from '../../src/parse/ip-route.js';
import { parseIpRule } from '../../src/parse/ip-rule.js';
import { fixture } from './fixture.js';

const INODES = { target: 4026532002, host: 4026532001 } as const;

/** A topology of `target` and `host` from the files of `fixtures/topology/NAME`. */
export const topologyFixture = (name: string): Topology => ({ netns: [read(name, 'target'), read(name, 'host')] });

const read = (name: string, id: keyof typeof INODES): NetnsTopology => {
  const file = (command: string): string => fixture(`topology/${name}/${id}/${command}.json`);
  return {
    ref: { id, name: id, path: `/run/netns/${id}`, inode: INODES[id] },
    links: parseIpLink(file('ip-link')),
    addresses: parseIpAddress(file('ip-addr')),
    routes: parseIpRoute(file('ip-route')),
    rules: parseIpRule(file('ip-rule'), 4),
    neighbours: [],
    bridgePorts: [],
    fdb: [],
    sysctls: null,
    ids: id === 'host' ? new Map([[1, INODES.target]]) : new Map([[0, INODES.host]]),
  };
};
