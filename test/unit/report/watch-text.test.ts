import { describe, expect, test } from 'vitest';
import type { Watched } from '../../../src/model/watch.js';
import { renderWatched } from '../../../src/report/watch-text.js';

const head = (counts: Pick<Watched, 'sent' | 'answered' | 'refused'>): string => {
  const watched: Watched = {
    startedAt: Date.UTC(2026, 10, 20, 2, 51, 7),
    rounds: 2,
    hops: [],
    changes: [],
    forgotten: 0,
    lastRun: null,
    fault: null,
    lastOk: null,
    ...counts,
  };
  return renderWatched(watched, { color: false, ascii: true }).trim().split('\n')[0] ?? '';
};

describe('the summary of a watch', () => {
  test('a refusal is neither an answer nor a loss', () => {
    expect(head({ sent: 40, answered: 40, refused: 0 })).toBe(
      '40 of 40 probes answered, 0.0 % lost, in 2 rounds since 02:51:07Z',
    );
    expect(head({ sent: 40, answered: 20, refused: 10 })).toBe(
      '20 of 40 probes answered, 10 refused, 25.0 % lost, in 2 rounds since 02:51:07Z',
    );
  });
});
