import { describe, expect, test } from 'vitest';
import { ACTIONS, actionOf, DEFAULT_KEYMAP, keyName, rebind } from '../../src/tui/keymap.js';
import { foldUi, INITIAL_UI, type UiState } from '../../src/tui/ui-state.js';

test('every action has a key, and no key two actions', () => {
  expect(DEFAULT_KEYMAP.map(({ action }) => action).toSorted()).toEqual([...ACTIONS].toSorted());
  const keys = DEFAULT_KEYMAP.flatMap(({ keys: own }) => own);
  expect(new Set(keys).size).toBe(keys.length);
  expect(keys).not.toContain('ctrl-c');
});

test.each([
  ['q', {}, 'quit'],
  ['', { upArrow: true }, 'up'],
  ['', { escape: true, meta: true }, 'back'],
  [' ', {}, 'pause'],
  ['x', { ctrl: true }, null],
  ['constructor', {}, null],
])('%j is %j', (input, key, action) => {
  expect(actionOf(DEFAULT_KEYMAP, keyName(input, key))).toBe(action);
});

test('keys can be bound anew, and are taken from where they were', () => {
  const keymap = rebind(' quit=x,X  probe=f ');
  expect(['x', 'X', 'q', 'f', 'p'].map((key) => actionOf(keymap, key))).toEqual(['quit', 'quit', null, 'probe', null]);
  expect(rebind('')).toEqual(DEFAULT_KEYMAP);
});

test.each([
  ['destroy=d', /no action "destroy"; there are help, /],
  ['__proto__=d', /no action/],
  ['help=ctrl-c', /ctrl-c always/],
  ['help', /write action=key, not "help"/],
  ['help=', /no key ""/],
  ['help=F12', /no key "F12"/],
  ['help=ü', /no key/],
  ['help=x quit=x', /key "x" is bound twice/],
])('%s is refused in one line', (wish, message) => {
  expect(() => rebind(wish)).toThrow(message);
});

describe('choices', () => {
  const act = (ui: UiState, action: (typeof ACTIONS)[number], focus = -1) =>
    foldUi(ui, { type: 'action', action, places: 5, focus });

  test('down begins at the break and stops at the last', () => {
    let ui = act(INITIAL_UI, 'down', 3);
    expect(ui.selected).toBe(4);
    ui = act(ui, 'down', 4);
    expect(ui.selected).toBe(4);
    expect(act(act(INITIAL_UI, 'down'), 'up').selected).toBe(0);
    expect(foldUi(INITIAL_UI, { type: 'action', action: 'down', places: 0, focus: -1 }).selected).toBeNull();
  });

  test('tab goes through the tabs and back to the diagnosis', () => {
    let ui = INITIAL_UI;
    const seen: string[] = [];
    for (let step = 0; step < 6; step += 1) {
      ui = act(ui, 'next-tab');
      seen.push(ui.tabOpen ? ui.tab : 'diagnosis');
    }
    expect(seen).toEqual(['hops', 'rules', 'state', 'log', 'diagnosis', 'hops']);
  });

  test('the same key opens and closes a page; escape closes it', () => {
    const open = act(INITIAL_UI, 'plan');
    expect([open.view, act(open, 'plan').view, act(open, 'back').view]).toEqual(['plan', 'trace', 'trace']);
  });

  test('the filter takes text, backspace and blanks, and nothing else', () => {
    const typed = ['a', 'space', '__proto__', 'up', '\u001b', 'ß', 'backspace'].reduce(
      (ui, key) => foldUi(ui, { type: 'typed', key }),
      act(INITIAL_UI, 'filter'),
    );
    expect(typed.filter).toBe('a __proto_');
    expect(foldUi(typed, { type: 'typed', key: 'escape' })).toMatchObject({ filter: '', typing: false });
  });
});
