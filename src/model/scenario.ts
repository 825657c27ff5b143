import type { Way } from './flow.js';
import type { HopRole } from './path.js';

/** Something that is asked of a practice network, and the answer that is wanted. */
export type LabProbe =
  /** An ICMP echo: `lost` where no packet comes back, `partly` where some do. */
  | {
      readonly kind: 'ping';
      readonly to: string;
      readonly from: string;
      readonly expect: 'answered' | 'lost' | 'partly';
      /** Payload bytes. */
      readonly size?: number | undefined;
      readonly df: boolean;
      readonly count: number;
    }
  /** A new TCP connection to `address:port`. */
  | {
      readonly kind: 'tcp';
      readonly to: string;
      readonly from: string;
      readonly expect: 'answered' | 'refused' | 'lost';
    }
  /** A DNS query over UDP. */
  | {
      readonly kind: 'dns';
      readonly name: string;
      readonly server: string;
      readonly from: string;
      readonly expect: 'answered' | 'lost';
    }
  /** A kernel setting by its sysctl name. */
  | { readonly kind: 'setting'; readonly name: string; readonly netns: string; readonly is: string }
  /** A shell command: it succeeds or fails, and its output matches a regular expression, or does not. */
  | {
      readonly kind: 'run';
      readonly command: string;
      readonly netns: string;
      readonly expect: 'succeeds' | 'fails';
      readonly prints?: string | undefined;
      readonly printsNot?: string | undefined;
    };

/** Shell commands and the namespace of the lab in which they run. */
export interface LabCommands {
  readonly netns: string;
  readonly commands: readonly string[];
}

/** What is broken: by a fault of the lab, or by commands of the scenario itself. */
export type Breakage = { readonly fault: string } | LabCommands;

/** A program that listens as long as the lab runs. */
export interface LabService {
  readonly kind: 'tcp' | 'echo' | 'dns';
  readonly netns: string;
  readonly address: string;
  /** Of `tcp` and `echo`; `dns` listens on 53. */
  readonly port: number;
}

/** What a trace has to say. */
export interface ExpectedCause {
  /** Id of a cause, as `explain` takes it. */
  readonly cause: string;
  /** Roles of the two hops between which the packets die, in path order. */
  readonly link?: readonly [HopRole, HopRole] | undefined;
  readonly direction?: Way | undefined;
}

/** The flow that is traced, where it is not an echo from the network's container to its destination. */
export interface ScenarioTrace {
  readonly target?: string | undefined;
  readonly to?: string | undefined;
  readonly proto?: 'icmp' | 'tcp' | 'udp' | undefined;
  /** For a flow that comes in to a published port: the namespace that connects. */
  readonly from?: string | undefined;
  readonly size?: number | undefined;
  readonly df: boolean;
  readonly count?: number | undefined;
}

/** One idea for a room: what is said, asked and shown, and the command that runs on ENTER. */
export interface ScenarioStep {
  readonly say?: string | undefined;
  /** Question to the room. */
  readonly ask?: string | undefined;
  /** Its answer, which the audience does not see before the presenter shows it. */
  readonly answer?: string | undefined;
  /** For the speaker alone. */
  readonly note?: string | undefined;
  /** Hop to look at, from 1 on: `1` is the container's own interface. */
  readonly hop?: number | undefined;
  /** Shell command that shows it. */
  readonly command?: string | undefined;
  readonly netns: string;
  /** Traffic in the container's namespace while the command runs. */
  readonly traffic?: string | undefined;
  /** The command ends with an error, and that is what it shows. */
  readonly fails: boolean;
  /** The command changes the network: it is a part of the solution. Else it only shows something. */
  readonly changes: boolean;
}

/** When a hint is worth giving: all of what is named has to be true. */
export interface HintCondition {
  /** A regular expression that a command of the learner matches. */
  readonly tried?: string | undefined;
  readonly notTried?: string | undefined;
  /** Milliseconds since the start. */
  readonly afterMs?: number | undefined;
  readonly probe?: LabProbe | undefined;
}

export interface ScenarioHint {
  readonly when: HintCondition;
  readonly text: string;
}

/** Kinds of damage that a repair can do. */
export const COLLATERAL = [
  'forward-accept-all',
  'table-flushed',
  'rules-deleted',
  'rp-filter-off',
  'masquerade-all',
  'route-deleted',
  'address-changed',
] as const;

export type CollateralKind = (typeof COLLATERAL)[number];

/** One exercise of the workshop. */
export interface Scenario {
  readonly id: string;
  readonly title: string;
  /** From 1 (first steps) to 5. */
  readonly level: number;
  /** Milliseconds that it takes; a longer time costs points. */
  readonly timeMs: number;
  /** Place in the course; scenarios without one come last, by id. */
  readonly order: number | null;
  /** Causes that it teaches, as `explain` takes them. */
  readonly teaches: readonly string[];
  readonly briefing: string;
  /** Id of a practice network. */
  readonly topology: string;
  readonly services: readonly LabService[];
  /** Belongs to the network before anything is broken. */
  readonly prepare: readonly LabCommands[];
  /** Empty for an exercise that completes an unfinished network. */
  readonly break: readonly Breakage[];
  /** True while it is broken. */
  readonly symptom: readonly LabProbe[];
  readonly trace: ScenarioTrace | null;
  /** In the order in which a trace meets them, each when those before it are mended. */
  readonly expect: readonly ExpectedCause[];
  readonly steps: readonly ScenarioStep[];
  readonly hints: readonly ScenarioHint[];
  /** True when it is solved. */
  readonly check: readonly LabProbe[];
  /** Damage that costs points. */
  readonly collateral: readonly CollateralKind[];
  /** Empty where the steps that change the network are the solution. */
  readonly solve: readonly LabCommands[];
  readonly debrief: string;
  /** The file that it comes from. */
  readonly file: string;
}

/** The commands that solve it: its own, or those of its steps that change the network. */
export const solutionOf = (scenario: Scenario): readonly LabCommands[] =>
  scenario.solve.length > 0
    ? scenario.solve
    : scenario.steps.flatMap(({ netns, command, changes }) =>
        changes && command !== undefined ? [{ netns, commands: [command] }] : [],
      );
