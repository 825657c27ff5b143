import type { Remedy } from './finding.js';
import type { NetnsId, NetnsRef } from './netns.js';

/**
 * What kind of setting a fact is about. `firewall-rule` holds only rules that carry our comment; the rules of others are
 * never touched.
 */
export type Facet =
  | 'sysctl'
  | 'link'
  | 'up'
  | 'arp'
  | 'master'
  | 'mtu'
  /** An option of a device's kind, by the device and the words before its value: `vxlan id 1 df`, `macvlan mode`. */
  | 'kind-option'
  | 'mac'
  | 'port'
  | 'address'
  | 'route'
  | 'rule'
  | 'neighbour'
  | 'fdb'
  | 'vlan'
  /** Queueing discipline at the root of a device that somebody set; the kernel's own choice is none. */
  | 'qdisc'
  /** Policy of IPsec, by its selector and direction. */
  | 'xfrm-policy'
  /** Filters of one preference, by device, hook of clsact, protocol and preference. */
  | 'tc-filter'
  | 'nft-table'
  | 'nft-chain'
  | 'firewall-rule'
  /** Table of the legacy back-end that the kernel has registered, by family: it does not go before its namespace does. */
  | 'legacy-table'
  /** All rules of a chain of ebtables or arptables in their order: they carry no comment. */
  | 'frame-rules'
  /** Zone of firewalld that an interface is in. */
  | 'zone'
  /** Rule of ufw for routed traffic. */
  | 'ufw-route';

/** One setting of a network namespace that differs. `null` is absent. */
export interface Change {
  readonly netns: NetnsId;
  readonly facet: Facet;
  readonly key: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** One command of a repair, and what a person should know before it runs. */
export interface RepairStep {
  /** 1-based. */
  readonly n: number;
  readonly cause: string;
  readonly title: string;
  readonly netns: NetnsId;
  /** What runs, and what a person could type instead. */
  readonly argv: readonly string[];
  /** The command inside its namespace. */
  readonly inner: readonly string[];
  readonly sign: '~' | '+' | '-';
  readonly subject: string;
  readonly before: string | null;
  readonly after: string | null;
  /** What the kernel changes by itself with it. */
  readonly effects: readonly string[];
  readonly risk: Remedy['risk'];
  readonly riskText: string;
  /** Facets that the command can change. */
  readonly scope: readonly Facet[];
  /** Comment of the firewall rule that the command adds. */
  readonly tag: string | null;
  /** Devices that the command makes: no other one that appears meanwhile is its own. */
  readonly makes?: readonly { readonly netns: NetnsId; readonly device: string }[];
  /** The only devices whose settings the command changes; absent where it is bound to none. */
  readonly devices?: readonly string[];
}

/** A file of the host that a repair makes or adds to, so that it outlasts a restart. */
export interface FileChange {
  /** Absolute, and not a link. */
  readonly path: string;
  /** Its text; `null` where there is none yet. */
  readonly before: string | null;
  readonly after: string;
  /** The lines that are new. */
  readonly added: readonly string[];
  /** Permissions of a file that is new; 0644 without it. */
  readonly mode?: number;
  /** Its folder is new as well. */
  readonly makesFolder?: true;
}

/** What `--persist` does about the steps of a plan. */
export interface Persistence {
  readonly files: readonly FileChange[];
  /** Steps that the host's settings bring back at the next restart by themselves, and which. */
  readonly kept: readonly { readonly subject: string; readonly because: string }[];
  /** Steps that go with the next restart, and why. */
  readonly untilRestart: readonly { readonly subject: string; readonly because: string }[];
}

/** What would be done about a diagnosis. */
export interface RepairPlan {
  readonly run: string;
  readonly hostname: string;
  readonly target: string;
  readonly destination: string;
  readonly netns: readonly NetnsRef[];
  readonly steps: readonly RepairStep[];
  /** Causes on the flow that no command of ours can mend, with what a person can do. */
  readonly byHand: readonly { readonly cause: string; readonly title: string; readonly remedies: readonly Remedy[] }[];
  /** What the checks warn of: wide remedies that are passed around. */
  readonly warnings: readonly string[];
  /** Other ways to mend it, and why they are not taken. */
  readonly notTaken: readonly {
    readonly title: string;
    readonly because: string;
    /** What a person would type for it. */
    readonly commands: Remedy['commands'];
  }[];
  /** Present where the changes are to outlast a restart. */
  readonly persistence?: Persistence;
}

export type StepState = 'planned' | 'applying' | 'applied' | 'verified' | 'undone';

export interface JournalStep extends RepairStep {
  readonly state: StepState;
  /** What was different after the step; empty until it is applied. */
  readonly changes: readonly Change[];
}

export type JournalStatus = 'planned' | 'applying' | 'applied' | 'verified' | 'undoing' | 'undone';

/** Settings of a namespace: facet and key, joined by a blank, with the value. */
export type Facts = ReadonlyMap<string, string>;

/** One repair, as the journal keeps it. */
export interface JournalEntry {
  readonly format: 1;
  /** `2026-11-20T025148Z-3f9c…`: time and run. */
  readonly id: string;
  readonly run: string;
  readonly started: string;
  readonly status: JournalStatus;
  /** Why it stands as it does, for a person. */
  readonly note: string;
  readonly argv: readonly string[];
  readonly target: string;
  readonly destination: string;
  /** Identifier of the boot; what was done before a reboot is gone with it. */
  readonly boot: string;
  readonly netns: readonly NetnsRef[];
  /** All settings of each namespace before the first step. */
  readonly before: Readonly<Record<NetnsId, readonly (readonly [string, string])[]>>;
  readonly steps: readonly JournalStep[];
  /** Files that are written once the flow works. */
  readonly files?: readonly FileChange[];
  /** Name under `/run/netns` of a namespace that the first step makes. */
  readonly madeNetns?: string;
  /** Taken back by itself at this time (UTC) unless somebody keeps it. */
  readonly trial?: { readonly until: string; readonly kept: boolean };
  /** What undoing has to arrive at, fixed before its first command. */
  readonly goal?: readonly Change[];
}
