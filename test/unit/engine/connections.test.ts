import { describe, expect, test } from 'vitest';
import { awaitConnections, connectionsIn } from '../../../src/engine/connections.js';
import type { Sighting } from '../../../src/model/packet.js';
import { recorded } from '../../helpers/evidence.js';

const { flow, path, sightings } = recorded('pub-dnat-wrong-port');
const signal = new AbortController().signal;
const wait = { flow, path, signal, command: ['tcpdump'], waitMs: 60, answerMs: 60 };
const isReply = ({ kind }: Sighting): boolean => kind === 'reply';

describe('connections of others', () => {
  test('what the uplink saw, each with its answer', () => {
    const found = connectionsIn({ flow, path, arrived: sightings });
    expect(found.map(({ probe, outcome }) => [probe, outcome])).toEqual([
      [1, 'refused'],
      [2, 'refused'],
      [3, 'refused'],
    ]);
    expect(new Set(found.map(({ sourcePort }) => sourcePort)).size).toBe(3);
  });

  test('without an answer it stays open, and to another port it is none', () => {
    const arrived = sightings.filter((one) => !isReply(one));
    expect(connectionsIn({ flow, path, arrived }).map(({ outcome }) => outcome)).toEqual([
      'timeout',
      'timeout',
      'timeout',
    ]);
    expect(connectionsIn({ flow: { ...flow, port: 8081 }, path, arrived })).toEqual([]);
    expect(connectionsIn({ flow: { ...flow, destination: '198.51.100.11' }, path, arrived })).toEqual([]);
  });

  test('nobody comes: it says so, and after how long', async () => {
    const result = await awaitConnections({ ...wait, arrived: [] });
    expect(result).toMatchObject({ sent: 0, answers: [] });
    expect(result.failure).toBe(`nobody connected to ${flow.destinationText} within 0.06 s`);
  });

  test('an unanswered connection is given its time, a decided one ends the wait', async () => {
    const began = performance.now();
    const open = await awaitConnections({ ...wait, arrived: sightings.filter((one) => !isReply(one)) });
    expect(open).toMatchObject({ sent: 3, answered: 0, failure: null });
    expect(performance.now() - began).toBeGreaterThanOrEqual(60);
    const decided = await awaitConnections({ ...wait, waitMs: 60_000, answerMs: 60_000, arrived: sightings });
    expect(decided).toMatchObject({ sent: 3, answered: 3, failure: null });
  });
});
