import { arch } from 'node:process';
import { quoted } from './topology.js';

/**
 * A classic BPF program for `tc filter … bpf direct-action bytecode`: IPv4 is dropped (TC_ACT_SHOT), everything else passes
 * (TC_ACT_UNSPEC), ARP above all.
 * @see tc-bpf(8), bpf_asm of the kernel's tools/bpf
 */
export const CLASSIC_DROP_IPV4 = '4,40 0 0 12,21 0 1 2048,6 0 0 2,6 0 0 4294967295';

/** One instruction: code, both registers (source in the upper half), offset, immediate. @see struct bpf_insn in linux/bpf.h */
type Instruction = readonly [code: number, registers: number, offset: number, immediate: number];

/** A program of extended BPF. @see bpf(2), BPF_PROG_LOAD */
export interface BpfProgram {
  readonly type: number;
  readonly attachType: number;
  readonly instructions: readonly Instruction[];
}

/** Drops IPv4 (XDP_DROP) and passes everything else (XDP_PASS). Of a little-endian processor. */
export const XDP_DROP_IPV4: BpfProgram = {
  type: 6,
  attachType: 37,
  instructions: [
    [0x61, 0x12, 0, 0],
    [0x61, 0x13, 4, 0],
    [0xb7, 0x00, 0, 2],
    [0xbf, 0x24, 0, 0],
    [0x07, 0x04, 0, 14],
    [0x2d, 0x34, 3, 0],
    [0x69, 0x24, 12, 0],
    [0x55, 0x04, 1, 0x0008],
    [0xb7, 0x00, 0, 1],
    [0x95, 0x00, 0, 0],
  ],
};

/** Refuses every packet that a process of the control group sends. @see BPF_PROG_TYPE_CGROUP_SKB in linux/bpf.h */
export const CGROUP_DROP_EGRESS: BpfProgram = {
  type: 8,
  attachType: 1,
  instructions: [
    [0xb7, 0x00, 0, 0],
    [0x95, 0x00, 0, 0],
  ],
};

/** Number of the system call bpf by `process.arch`. @see syscalls(2) */
const BPF_CALL: Readonly<Record<string, number>> = {
  x64: 321,
  arm64: 280,
  riscv64: 280,
  ppc64: 361,
  s390x: 351,
  arm: 386,
};

/**
 * Loads a program and either pins it to a path of a BPF file system, or attaches it to a control group. Perl is on every
 * Debian system, a compiler for BPF is not.
 */
const LOAD = `
my ($call, $what, $path, $type, $attach, @code) = @ARGV;
my $code = join '', map { pack 'CCsl', split /,/ } @code;
my $load = pack 'L2 P P L2 Q L2 a16 L2', $type, scalar(@code), $code, "GPL\\0", 0, 0, 0, 0, 0, 'drop', 0, $attach;
my $program = syscall $call, 5, $load, length $load;
$program >= 0 or die "cannot load the BPF program: $!\\n";
if ($what eq 'pin') {
  my $pin = pack 'P L2', "$path\\0", $program, 0;
  syscall($call, 6, $pin, length $pin) == 0 or die "cannot pin it to $path: $!\\n";
} else {
  opendir my $group, $path or die "$path: $!\\n";
  my $to = pack 'L5', fileno($group), $program, $attach, 0, 0;
  syscall($call, 8, $to, length $to) == 0 or die "cannot attach it to $path: $!\\n";
}
`;

const load = (what: 'pin' | 'attach', path: string, { type, attachType, instructions }: BpfProgram): string =>
  [
    `perl -e ${quoted(LOAD)} ${BPF_CALL[arch] ?? 0} ${what} ${path} ${type} ${attachType}`,
    ...instructions.map((instruction) => instruction.join(',')),
  ].join(' ');

/** The shell command that loads a program to a path under /run/bpf, a BPF file system of the lab's own. */
export const pinCommand = (path: string, program: BpfProgram): string => load('pin', path, program);

/** The shell command that attaches a program to a control group. */
export const attachCommand = (group: string, program: BpfProgram): string => load('attach', group, program);
