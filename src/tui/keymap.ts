export const ACTIONS = [
  'help',
  'hops',
  'rules',
  'state',
  'log',
  'next-tab',
  'up',
  'down',
  'page-up',
  'page-down',
  'filter',
  'pause',
  'probe',
  'drops',
  'plan',
  'explain',
  'copy',
  'report',
  'back',
  'quit',
  'quit-with-frame',
] as const;
export type Action = (typeof ACTIONS)[number];

export interface Binding<A extends string = Action> {
  readonly action: A;
  /** Names of keys: a character, or `up`, `down`, `tab`, `space`, `escape`, `return`, `pageup`, `pagedown`, `ctrl-x`. */
  readonly keys: readonly string[];
  readonly help: string;
  /** Short word for the footer; absent where the footer leaves it out. */
  readonly footer?: string;
}

export type Keymap = readonly Binding[];

/** No key writes anything on this host. `ctrl-c` always ends the program and cannot be bound. */
export const DEFAULT_KEYMAP: Keymap = [
  { action: 'help', keys: ['?'], help: 'this list', footer: 'help' },
  { action: 'hops', keys: ['1'], help: 'hops and links of the path' },
  { action: 'rules', keys: ['2'], help: 'routes and rules that the packet meets, the one that decided marked' },
  { action: 'state', keys: ['3'], help: 'state that was read: sysctls, routes, neighbours, conntrack' },
  { action: 'log', keys: ['4'], help: 'commands that were run' },
  { action: 'next-tab', keys: ['tab'], help: 'next tab', footer: 'tabs' },
  { action: 'up', keys: ['up', 'k'], help: 'select the hop or link before' },
  { action: 'down', keys: ['down', 'j'], help: 'select the next hop or link', footer: 'hop' },
  { action: 'page-up', keys: ['pageup', 'h', 'left'], help: 'scroll back' },
  { action: 'page-down', keys: ['pagedown', 'l', 'right'], help: 'scroll on' },
  { action: 'filter', keys: ['/'], help: 'show only packets with this text', footer: 'filter' },
  { action: 'pause', keys: ['space'], help: 'hold the screen still; a watch stops probing', footer: 'pause' },
  { action: 'probe', keys: ['p'], help: 'probe again', footer: 'probe' },
  { action: 'drops', keys: ['d'], help: 'what the kernel said of each probe that it dropped', footer: 'drops' },
  { action: 'plan', keys: ['f'], help: 'show the plan of the fix; nothing is changed', footer: 'fix' },
  { action: 'explain', keys: ['e'], help: 'explain the cause', footer: 'explain' },
  {
    action: 'copy',
    keys: ['y'],
    help: "copy the fix to the terminal's clipboard (OSC 52), and print it at exit",
    footer: 'copy',
  },
  { action: 'report', keys: ['r'], help: 'write a redacted HTML report of this run into your state folder' },
  { action: 'back', keys: ['escape'], help: 'back; select nothing' },
  { action: 'quit', keys: ['q'], help: 'quit and print the diagnosis', footer: 'quit' },
  { action: 'quit-with-frame', keys: ['Q'], help: 'quit, and leave the last frame above the diagnosis' },
];

/** What Ink tells of a key. */
export interface PressedKey {
  readonly upArrow?: boolean;
  readonly downArrow?: boolean;
  readonly leftArrow?: boolean;
  readonly rightArrow?: boolean;
  readonly pageUp?: boolean;
  readonly pageDown?: boolean;
  readonly return?: boolean;
  readonly escape?: boolean;
  readonly tab?: boolean;
  readonly backspace?: boolean;
  readonly delete?: boolean;
  readonly ctrl?: boolean;
  readonly meta?: boolean;
}

const NAMED: readonly (readonly [keyof PressedKey, string])[] = [
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['leftArrow', 'left'],
  ['rightArrow', 'right'],
  ['pageUp', 'pageup'],
  ['pageDown', 'pagedown'],
  ['return', 'return'],
  ['escape', 'escape'],
  ['tab', 'tab'],
  ['backspace', 'backspace'],
  ['delete', 'backspace'],
];

/** Keys as they come within a paste or in one read with others. */
const CONTROL: ReadonlyMap<string, string> = new Map([
  [' ', 'space'],
  ['\r', 'return'],
  ['\n', 'return'],
  ['\t', 'tab'],
  ['\u007f', 'backspace'],
  ['\b', 'backspace'],
  ['\u0003', 'ctrl-c'],
]);

/** The name of a pressed key, as bindings spell it. */
export const keyName = (input: string, key: PressedKey): string => {
  const named = NAMED.find(([flag]) => key[flag]);
  if (named) return named[1];
  const control = CONTROL.get(input);
  if (control !== undefined) return control;
  return key.ctrl ? `ctrl-${input}` : input;
};

export const actionOf = <A extends string>(keymap: readonly Binding<A>[], name: string): A | null =>
  keymap.find(({ keys }) => keys.includes(name))?.action ?? null;

/**
 * The default keys with some bound anew. A key that is given to an action is taken from every other.
 * @param wish `quit=x probe=n,N`: actions with their keys, as the help spells them
 * @throws RangeError for an action that does not exist, a key that is bound twice or is not one, or for `ctrl-c`
 */
export const rebind = (wish: string, keymap: Keymap = DEFAULT_KEYMAP): Keymap => {
  const wanted = new Map(wish.split(/\s+/).filter(Boolean).map(oneWish));
  const taken = [...wanted.values()].flat();
  const twice = taken.find((name, index) => taken.indexOf(name) !== index);
  if (twice !== undefined) throw new RangeError(`key ${JSON.stringify(twice)} is bound twice`);
  return keymap.map((binding) => {
    const own = wanted.get(binding.action);
    return { ...binding, keys: own ?? binding.keys.filter((name) => !taken.includes(name)) };
  });
};

const KEY_NAME = /^(?:[!-~]|ctrl-[a-z]|space|up|down|left|right|pageup|pagedown|return|escape|tab|backspace)$/;

const oneWish = (word: string): readonly [Action, readonly string[]] => {
  const at = word.indexOf('=');
  const [action, keys] = [word.slice(0, at), word.slice(at + 1).split(',')];
  if (at < 1) throw new RangeError(`write action=key, not ${JSON.stringify(word)}`);
  if (!isAction(action)) throw new RangeError(`no action ${JSON.stringify(action)}; there are ${ACTIONS.join(', ')}`);
  if (keys.includes('ctrl-c')) throw new RangeError('ctrl-c always ends the program');
  const wrong = keys.find((name) => !KEY_NAME.test(name));
  if (wrong !== undefined) throw new RangeError(`no key ${JSON.stringify(wrong)}`);
  return [action, keys];
};

const isAction = (word: string): word is Action => (ACTIONS as readonly string[]).includes(word);
