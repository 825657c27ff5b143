import { describe, expect, test } from 'vitest';
import { decide, type PresenterAction, presenterKeymap } from '../../src/tui/store/presenter-keys.js';
import {
  BEFORE_ALL,
  deckOf,
  foldPresenter,
  type PresenterEvent,
  type PresenterState,
} from '../../src/tui/store/presenter-state.js';
import { scenarioOfSteps } from '../helpers/scenario.js';
import { smallRun } from '../helpers/small-run.js';

const DECK = deckOf(scenarioOfSteps(), false);
const OUTPUT = { title: 'output:', rows: [] };

const having = (...events: readonly PresenterEvent[]): PresenterState => events.reduce(foldPresenter, BEFORE_ALL);
const key = (state: PresenterState, action: PresenterAction, name = '') => decide(state, DECK, action, name);

test('the slides are the briefing, each step, the debrief', () => {
  expect(DECK.slides.map(({ kind }) => kind)).toEqual(['briefing', 'step', 'step', 'step', 'debrief']);
});

describe('ENTER', () => {
  test('runs the command of a step first, and then goes on', () => {
    const before = having({ type: 'went', at: 1 });
    expect(key(before, 'next')).toEqual({ type: 'run' });
    const ran = [
      { type: 'went', at: 1 },
      { type: 'began', what: 'x' },
      { type: 'ended', output: OUTPUT, ran: true },
    ] as const;
    expect(key(having(...ran), 'next')).toEqual({ type: 'went', at: 2 });
  });

  test('goes on at once where nothing is to run, and not beyond the end', () => {
    expect(key(BEFORE_ALL, 'next')).toEqual({ type: 'went', at: 1 });
    expect(key(having({ type: 'went', at: 2 }), 'next')).toEqual({ type: 'went', at: 3 });
    expect(key(having({ type: 'went', at: 4 }), 'next')).toMatchObject({ type: 'told' });
    expect(key(BEFORE_ALL, 'back')).toMatchObject({ type: 'told' });
    expect(key(having({ type: 'went', at: 2 }), 'back')).toEqual({ type: 'went', at: 1 });
  });

  test('a check or a hop in between does not count as the command', () => {
    const state = having({ type: 'went', at: 1 }, { type: 'began', what: 'x' }, { type: 'ended', output: OUTPUT });
    expect(key(state, 'next')).toEqual({ type: 'run' });
  });
});

test('while something runs, only notes and the end are heard', () => {
  const busy = having({ type: 'began', what: 'checking' });
  expect(key(busy, 'next')).toEqual({ type: 'told', notice: 'wait: checking' });
  expect(key(busy, 'reset')).toMatchObject({ type: 'told' });
  expect(key(busy, 'quit')).toEqual({ type: 'quit' });
  expect(key(busy, 'notes')).toEqual({ type: 'notes' });
});

test('the answer is shown when it is asked for twice, and gone on the next slide', () => {
  expect(key(BEFORE_ALL, 'answer')).toEqual({ type: 'asked' });
  const asked = having({ type: 'asked' });
  expect(asked.revealed).toBe(false);
  expect(key(asked, 'answer')).toEqual({ type: 'revealed' });
  expect(having({ type: 'asked' }, { type: 'revealed' })).toMatchObject({ revealed: true, asked: false });
  expect(having({ type: 'asked' }, { type: 'revealed' }, { type: 'went', at: 1 }).revealed).toBe(false);
  expect(having({ type: 'asked' }, { type: 'began', what: 'checking' }).asked).toBe(false);
});

test('a notice goes with the next key', () => {
  const told = having({ type: 'told', notice: 'wait' });
  expect(told.notice).toBe('wait');
  expect(foldPresenter(told, { type: 'pressed' }).notice).toBeNull();
  expect(having({ type: 'asked' }, { type: 'revealed' }).notice).toBeNull();
});

test('a digit is a hop', () => {
  expect(key(BEFORE_ALL, 'hop', '4')).toEqual({ type: 'hop', hop: 4 });
  expect(having({ type: 'began', what: 'x', hop: 4 }).hop).toBe(4);
});

test('a trace that was interrupted leaves the packets of the one before', () => {
  const run = smallRun('3f9c');
  const state = having({ type: 'measured', run }, { type: 'measuring' }, { type: 'measured', run: null });
  expect(state).toMatchObject({ run, measuring: false });
});

test('the audience has no key for hints, answers and notes', () => {
  const actions = presenterKeymap(true).map(({ action }) => action);
  expect(actions).toEqual(['next', 'back', 'hop', 'check', 'break', 'reset', 'quit']);
});
