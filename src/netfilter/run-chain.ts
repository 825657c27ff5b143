import type { CompiledRule } from './compiled.js';
import { compiledRules } from './compiled.js';
import { applyMapping } from './mapping.js';
import type { Choice, Decision, Scene } from './program.js';
import { isUnknown } from './program.js';
import type { Chain, NetfilterState } from './state.js';
import { chainKey } from './state.js';
import type { HookPacket, HookVerdict, RuleRef, Translation, UnknownMatch } from './types.js';

/** A form of the packet on its way through a chain; `certain` while nothing unknown has divided the way before it. */
export interface Live {
  readonly packet: HookPacket;
  readonly certain: boolean;
  /** Whether a NAT rule of this hook has given its answer, be it that nothing changes. */
  readonly mapped: boolean;
}

/** How one form of the packet left a base chain. */
export interface Ending extends Live {
  readonly verdict: Exclude<HookVerdict, 'unknown'>;
  readonly decidedBy: RuleRef;
  readonly translation: Translation | null;
}

/** What a packet met in one base chain and the chains it led to. */
export interface ChainRun {
  readonly endings: Ending[];
  readonly met: RuleRef[];
  /** Rules that counted the packet and then did not match it. */
  readonly counted: RuleRef[];
  readonly unknowns: UnknownMatch[];
  /** Set when the ruleset could not be followed to its end. */
  incomplete: boolean;
}

/** The kernel refuses rulesets that nest deeper (16 for nft); a dump that does is not followed. */
const DEPTH_LIMIT = 128;
/** Rules looked at for one packet in one base chain; only a hostile dump has more. */
const STEP_LIMIT = 500_000;

interface Frame {
  readonly state: NetfilterState;
  readonly scene: Scene;
  readonly run: ChainRun;
  readonly budget: { left: number };
}

/**
 * Runs a packet through a base chain. Where a match is unknown both ways are followed, and they become one again as
 * soon as the packet has the same form on both.
 */
export const runBaseChain = (state: NetfilterState, chain: Chain, scene: Scene, entering: Live): ChainRun => {
  const run: ChainRun = { endings: [], met: [], counted: [], unknowns: [], incomplete: false };
  const frame: Frame = { state, scene, run, budget: { left: STEP_LIMIT } };
  const policy = chain.base?.policy ?? 'accept';
  const policyRef = chain.base?.policyRef;
  for (const live of runChain(chain, entering, frame, 0)) {
    if (policyRef === undefined) continue;
    if (live.certain) run.met.push(policyRef);
    run.endings.push({ ...live, verdict: policy, decidedBy: policyRef, translation: null });
  }
  return run;
};

/** Returns the forms of the packet that fall off the end of the chain or return from it. */
const runChain = (chain: Chain, entering: Live, frame: Frame, depth: number): readonly Live[] => {
  const before = mark(frame.run);
  const returned: Live[] = [];
  let lives: readonly Live[] = [entering];
  for (const rule of compiledRules(frame.state, chain)) {
    frame.budget.left -= lives.length;
    if (frame.budget.left < 0) {
      giveUp(frame.run, rule.ref, 'the ruleset is too large to be followed');
      return lives.map((live) => ({ ...live, certain: false }));
    }
    const [only] = lives;
    if (lives.length === 1 && only && surelyMisses(rule, only.packet, frame.scene)) continue;
    lives = unite(lives.flatMap((live) => runRule(rule, live, { chain, frame, depth, returned })));
    if (lives.length === 0) break;
  }
  return rejoin(unite([...returned, ...lives]), entering, before, frame.run);
};

/** The common case, without a trace of its own: a match before any counter says no. */
const surelyMisses = (rule: CompiledRule, packet: HookPacket, scene: Scene): boolean => {
  if (rule.misses?.(packet)) return true;
  for (const step of rule.steps) {
    if (step.kind !== 'match') return false;
    const result = step.test(packet, scene);
    if (result === false) return true;
    if (result !== true) return false;
  }
  return false;
};

interface Place {
  readonly chain: Chain;
  readonly frame: Frame;
  readonly depth: number;
  readonly returned: Live[];
}

/** Returns the forms of the packet that go on to the next rule. */
const runRule = (rule: CompiledRule, live: Live, place: Place): readonly Live[] => {
  const { run, scene } = place.frame;
  const before = mark(run);
  const returnedBefore = place.returned.length;
  const { packet, unmatched, reasons, options, counted } = evaluate(rule, live.packet, scene);
  if (options.length === 0) {
    if (counted && live.certain) run.counted.push(rule.ref);
    return unmatched.map((form) => ({ ...live, packet: form }));
  }
  for (const because of reasons) run.unknowns.push({ rule: rule.ref, because });
  const open = reasons.length > 0;
  const certain = live.certain && !open;
  const onward = unmatched.map((form) => ({ ...live, packet: form, certain: false }));
  const passed = options.flatMap((decision) => decide(rule.ref, decision, { ...live, packet, certain }, place));
  const forms = unite([...passed, ...onward]);
  return place.returned.length > returnedBefore ? forms : rejoin(forms, live, before, run);
};

interface Evaluation {
  readonly packet: HookPacket;
  /** Forms in which the packet goes on if the rule does not match; empty when it surely does. */
  readonly unmatched: readonly HookPacket[];
  readonly reasons: readonly string[];
  /** What the rule may decide; empty when it surely does not match. */
  readonly options: readonly Decision[];
  /** Whether the counter surely moved. */
  readonly counted: boolean;
}

const CONTINUE: Decision = { kind: 'continue' };

const evaluate = (rule: CompiledRule, entering: HookPacket, scene: Scene): Evaluation => {
  const reasons: string[] = [];
  const unmatched: HookPacket[] = [];
  let packet = entering;
  let counted = false;
  const failed = (): Evaluation => ({ packet, unmatched: [...unmatched, packet], reasons: [], options: [], counted });
  for (const step of rule.steps) {
    if (step.kind === 'count') {
      counted ||= reasons.length === 0;
    } else if (step.kind === 'rewrite') {
      packet = step.apply(packet, scene);
    } else if (step.kind === 'match') {
      const result = step.test(packet, scene);
      if (result === false) return failed();
      if (isUnknown(result)) {
        reasons.push(result.because);
        unmatched.push(packet);
      }
    } else {
      const decided = step.decide(packet, scene);
      if (decided === null) return failed();
      if (!isChoice(decided)) return { packet, unmatched, reasons, options: [decided], counted };
      if (decided.options.includes(null)) unmatched.push(packet);
      const options = decided.options.filter((option) => option !== null);
      return { packet, unmatched, reasons: [...reasons, decided.because], options, counted };
    }
  }
  return { packet, unmatched, reasons, options: [CONTINUE], counted };
};

const isChoice = (decided: Decision | Choice): decided is Choice => 'because' in decided;

/** Carries out one decision; returns the forms that go on to the next rule. */
const decide = (ref: RuleRef, decision: Decision, live: Live, place: Place): readonly Live[] => {
  const { run, state } = place.frame;
  const rule = decidedRef(ref, decision);
  if (live.certain) run.met.push(rule);
  switch (decision.kind) {
    case 'continue':
      return [live];
    case 'return':
      place.returned.push(live);
      return [];
    case 'jump':
    case 'goto': {
      const target = state.chains.get(chainKey({ ...place.chain.ref, chain: decision.chain }));
      if (target === undefined || place.depth >= DEPTH_LIMIT) {
        giveUp(run, rule, `the chain ${decision.chain} cannot be followed`);
        return [{ ...live, certain: false }];
      }
      const back = runChain(target, live, place.frame, place.depth + 1);
      if (decision.kind === 'jump') return back;
      place.returned.push(...back);
      return [];
    }
    case 'translate': {
      const { packet, translation } = applyMapping(live.packet, decision.mapping, rule);
      run.endings.push({ ...live, packet, mapped: true, verdict: 'accept', decidedBy: rule, translation });
      return [];
    }
    case 'accept':
    case 'drop':
    case 'queue':
    case 'reject':
      run.endings.push({ ...live, verdict: decision.kind, decidedBy: rule, translation: null });
      return [];
  }
};

const giveUp = (run: ChainRun, rule: RuleRef, because: string): void => {
  if (!run.incomplete) run.unknowns.push({ rule, because });
  run.incomplete = true;
};

/** The rule with the verdict that its map gave. */
const decidedRef = (ref: RuleRef, decision: Decision): RuleRef => {
  if (ref.target !== 'VMAP') return ref;
  const target = 'chain' in decision ? decision.chain : decision.kind.toUpperCase();
  return { ...ref, target };
};

const mark = (run: ChainRun): { readonly endings: number; readonly unknowns: number } => ({
  endings: run.endings.length,
  unknowns: run.unknowns.length,
});

/** When all ways have become one again and none has ended, what was unknown made no difference. */
const rejoin = (
  forms: readonly Live[],
  entering: Live,
  before: ReturnType<typeof mark>,
  run: ChainRun,
): readonly Live[] => {
  const [only] = forms;
  if (forms.length !== 1 || only === undefined || run.endings.length > before.endings || run.incomplete) return forms;
  run.unknowns.length = before.unknowns;
  return [{ ...only, certain: entering.certain }];
};

/** Forms that do not differ are one. */
export const unite = (lives: readonly Live[]): readonly Live[] => {
  if (lives.length < 2) return lives;
  const forms = new Map<string, Live>();
  for (const live of lives) {
    const key = JSON.stringify([live.mapped, live.packet]);
    const same = forms.get(key);
    if (same?.certain !== false) forms.set(key, live);
  }
  return [...forms.values()];
};
