import type { NetnsId, NetnsRef } from './netns.js';
import type { Facet, RepairStep } from './repair.js';

/** A setting that has to be there; with `value` null any value will do. */
export interface WantedFact {
  readonly netns: NetnsId;
  readonly facet: Facet;
  readonly key: string;
  readonly value: string | null;
}

/** A firewall rule that has to be there, in the words in which its tool lists it. */
export interface WantedRule {
  /** `iptables-nft`, `iptables-legacy`, `ip6tables-nft`, `ip6tables-legacy` or `nft`. */
  readonly tool: string;
  /** Table and chain: `nat POSTROUTING`, or `ip vethoscope postrouting`. */
  readonly place: string;
  readonly text: string;
  /** Rules that do the same, and the chains in which they do. */
  readonly alike: readonly { readonly place: string; readonly text: string }[];
}

/** A part of a container's network: what has to be there, and the command that makes it. Data, for any reader. */
export interface BuildPart {
  /** `bridge`, `cable`, `container-address`, … */
  readonly id: string;
  readonly title: string;
  /** What it is for, in a sentence. */
  readonly why: string;
  readonly netns: NetnsId;
  /** The command inside its namespace. */
  readonly inner: readonly string[];
  /** It is right already when all of these are there. */
  readonly facts: readonly WantedFact[];
  /** It is right already when this rule, or one like it, is there. */
  readonly rule: WantedRule | null;
  readonly scope: readonly Facet[];
  /** Devices that the command makes. */
  readonly makes: NonNullable<RepairStep['makes']>;
  /** The only devices that it touches; `null` for a setting that is bound to none. */
  readonly devices: readonly string[] | null;
  readonly risk: string;
}

/** What a container's network shall be. */
export interface NetworkDesign {
  readonly bridge: string;
  /** The host's end of the cable; the container's is always `eth0`. */
  readonly hostEnd: string;
  /** Bytes. */
  readonly mtu: number;
  /** IPv4 first. */
  readonly families: readonly FamilyDesign[];
}

export interface FamilyDesign {
  readonly family: 4 | 6;
  /** `192.168.0.0/24`. */
  readonly subnet: string;
  readonly gateway: string;
  readonly address: string;
  readonly prefixLength: number;
}

/** A port of the host that leads to one of the container. */
export interface PublishedPort {
  readonly hostPort: number;
  readonly port: number;
  readonly protocol: 'tcp' | 'udp';
}

/** What would be built. */
export interface BuildPlan {
  readonly run: string;
  readonly hostname: string;
  readonly target: string;
  readonly design: NetworkDesign;
  readonly published: readonly PublishedPort[];
  readonly netns: readonly NetnsRef[];
  /** Every part in order; a part that is right already has no step. */
  readonly parts: readonly { readonly part: BuildPart; readonly step: RepairStep | null }[];
  /** What a person should know before. */
  readonly notes: readonly string[];
}
