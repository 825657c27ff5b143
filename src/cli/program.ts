import { Command, CommanderError, Option } from 'commander';
import { EXIT, KnownError } from '../model/errors.js';
import { screenObstacle } from '../tui/terminal/size.js';
import { VERSION } from '../version.js';
import { createContext } from './context.js';
import {
  BUILD_EXAMPLES,
  BUILD_WORDS,
  CHECK_EXAMPLES,
  CHECK_NOTES,
  EXAMPLES,
  FIX_WORDS,
  FOOTER,
  TRACE_ARGUMENTS,
  TRACE_EXAMPLES,
} from './help.js';
import type { Supervision } from './lifecycle.js';
import { type Action, display, type Handler } from './options.js';
import { addLab, addWorkshop } from './program-lab.js';
import type { RawOptions } from './settings.js';

/** Parses a command line, runs its command, and ends with the exit code. @throws KnownError for wrong usage */
export const runCommandLine = async (supervision: Supervision, argv: readonly string[]): Promise<number> => {
  let exitCode: number = EXIT.ok;
  /** Each command is loaded when it is called, so that none pays for another. */
  const action =
    (load: () => Promise<Handler>) =>
    async (...words: unknown[]): Promise<void> => {
      const command = words.at(-1) as Command;
      const options: RawOptions = command.optsWithGlobals();
      const handler = await load();
      exitCode = await handler(createContext(supervision, argv, options), command.args, options);
    };

  const program = withExit(new Command('vethoscope'))
    .description("Finds where a container's packets are dropped, names the cause and the fix, and proves it.")
    .version(`vethoscope ${VERSION}`, '-V, --version')
    .addHelpText('before', EXAMPLES)
    .addHelpText('after', FOOTER)
    .enablePositionalOptions()
    .helpCommand(false)
    .showSuggestionAfterError(true);

  display(following(incoming(probing(program.command('trace [target] [destination]')))))
    .description('probe, watch every hop, and diagnose; reads only')
    .option('--passive <filter>', "send nothing: follow the container's own traffic that matches a capture filter")
    .option('--socket <port>', 'send nothing: why does the connection with this port, local or remote, hang?')
    .option('--control-sibling <target>', 'send the same probe from this container on the same bridge too, as control')
    .option('--peer <target>', 'look at the host of the other end too: netns:NAME')
    .option('--trace-rules', 'A CHANGE while it runs: an nft table of its own, so that the kernel tells each rule met')
    .option(
      '--in-cgroup',
      "A CHANGE until it ends: the probe joins the target's cgroup, whose BPF programs it then meets",
    )
    .option('--no-full-size', 'leave out the full-size packet that follows an answered probe')
    .option('--count <n>', 'probes to send (default: 3)')
    .option('--source-port <port>', 'send one datagram, from this port: follows the flow of a steady client')
    .option('--dry-run', 'show the path and every command, and run none')
    .option('--no-save', 'do not store the run')
    .option('--no-evidence', 'leave the evidence out of the run document')

    .addHelpText('before', TRACE_EXAMPLES)
    .addHelpText('after', TRACE_ARGUMENTS)
    .action(action(async () => (await import('./commands/trace.js')).trace));

  // Options take time to be made, and a trace counts its milliseconds.
  if (argv[0] !== 'trace') addOthers(program, action);

  const words =
    argv.length === 0 && screenObstacle(process.stdout, process.stdin, process.env) === null ? ['trace'] : argv;
  try {
    await program.parseAsync([...words], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    throw error;
  }
};

/** Every command but `trace`. */
const addOthers = (program: Command, action: Action): void => {
  display(program.command('check [target] [destination]'))
    .description('what the rules and routes do with a flow: no probe, no capture; reads only')
    .addOption(new Option('--proto <protocol>', 'icmp, tcp or udp; TCP where the destination has a port, else ICMP'))
    .option('--source <address>', 'address of the sender')
    .option('--mark <n>', 'firewall mark of the packet', '0')
    .option('-4', 'IPv4 only')
    .option('-6', 'IPv6 only')
    .option('--inbound', 'the destination is the place that the container publishes')
    .option('--expect <file>', 'YAML or JSON: exit with 3 where the answer differs from it')
    .option('--run <run>', 'walk a stored run, by ID or file')
    .optionsGroup('Files of another host:')
    .option('--iptables <file>', 'iptables-save -c (for IPv6: ip6tables-save -c)')
    .option('--iptables-legacy <file>', 'iptables-legacy-save -c')
    .option('--nft <file>', 'nft -j list ruleset')
    .option('--routes <file>', 'ip -j -d route show table all')
    .option('--rules <file>', 'ip -j -d rule show')
    .option('--links <file>', 'ip -j -d link show')
    .option('--addresses <file>', 'ip -j addr show')
    .option('--sysctls <file>', 'sysctl -a')
    .option('--ipsets <file>', 'ipset save')
    .option('--iif <device>', 'device that the packet comes in by; without it the host sends it')
    .option('--oif <device>', 'device that it leaves by, where no routes are given')
    .addHelpText('before', CHECK_EXAMPLES)
    .addHelpText('after', CHECK_NOTES)
    .action(action(async () => (await import('./commands/check.js')).check));

  display(following(probing(program.command('watch <target> <destination>'), '1s')))
    .description('keep probing: loss and delay per hop, and what changes, until stopped; reads only')
    .option('--max-duration <time>', 'stop by itself after', '5m')
    .option('--until-fault', 'stop at the first loss, show and store it with the last good run; plain text')
    .addHelpText('after', TRACE_ARGUMENTS)
    .action(action(async () => (await import('./commands/watch.js')).watch));

  display(program.command('list'))
    .description('containers and namespaces here: PID, netns, address, veth, bridge; reads only')
    .action(action(async () => (await import('./commands/list.js')).list));

  display(program.command('show <run>'))
    .description('a stored run, a file or - again, diagnosed anew, without root; reads only')
    .option('--fail-on <level>', 'error, warn or info: from where on the exit code is 3', 'error')
    .action(action(async () => (await import('./commands/show.js')).show));

  program
    .command('report <run>')
    .description('a run as files for a ticket, redacted; reads only')
    .addOption(
      new Option(
        '-o, --format <formats>',
        'html, md, json, text, pcapng, junit, sarif or bundle; several with commas',
      ).argParser((text: string, before: readonly string[] | undefined) => [...(before ?? []), text]),
    )
    .option('--output-dir <folder>', 'write files there; one text format alone goes to standard output')
    .option('--no-redact', 'keep addresses and names as they are')
    .option('--keep-oui', "keep the manufacturer's half of MAC addresses")
    .option('--preview', 'show what would be replaced, and write nothing')
    .option('--fail-on <level>', 'error, warn or info: from where on JUnit and SARIF fail', 'error')
    .action(action(async () => (await import('./commands/report.js')).report));

  display(program.command('diff <run> <other>'))
    .description('what differs between two runs, what decides about the flow first; reads only')
    .option('--all', 'what does not touch the flow as well')
    .action(action(async () => (await import('./commands/diff.js')).diff));

  display(program.command('explain [cause]'))
    .description('what a code or cause means, how to see it by hand, how to mend it; reads only')
    .action(action(async () => (await import('./commands/explain.js')).explain));

  display(program.command('doctor'))
    .description('what this host offers: tools, back-ends, tracefs, privileges; reads only')
    .action(action(async () => (await import('./commands/doctor.js')).doctor));

  addRepair(program, action);

  const runs = display(program.command('runs'))
    .description('the stored runs; reads only')
    .action(action(async () => (await import('./commands/runs.js')).runs));
  display(runs.command('prune'))
    .description('remove stored runs')
    .option('--older-than <age>', 'keep what is younger', '14d')
    .option('--dry-run', 'say what would be removed')
    .action(action(async () => (await import('./commands/runs.js')).prune));

  addWorkshop(addLab(program, action), action);

  display(program.command('version'))
    .description('version of this program')
    .action(action(async () => (await import('./commands/version.js')).version));
};

/** The pace where none is asked for. */
const HASTE = ' (default: 20ms; up to 3 by TCP or UDP: as soon as the last is answered)';

/** What is probed, and how. @param interval time between two probes; the pace of a single trace where none is given */
const probing = (command: Command, interval?: string): Command =>
  command
    .addOption(new Option('--proto <protocol>', 'icmp, tcp or udp; TCP where the destination has a port, else ICMP'))
    .option('--interval <time>', `time between two probes${interval === undefined ? HASTE : ''}`, interval)
    .option('--size <bytes>', 'payload of an ICMP or UDP probe (default: an odd number, another one each time)')
    .option('--df', "set don't-fragment")
    .option('--source <address>', 'send from this address of the container')
    .option('--mark <n>', "firewall mark of the probe's socket", '0')
    .option(
      '--wait <time>',
      'how long to wait for the last answer (default: 1s; --inbound, --passive: for traffic, 30s)',
    )
    .option('--timeout <time>', 'time limit of one trace', '15s')
    .option('-4', 'IPv4 only')
    .option('-6', 'IPv6 only');

/** Flows that come in to a published port. */
const incoming = (command: Command): Command =>
  command
    .option('--inbound', 'the destination is a place of this host that the container publishes')
    .option('--simulate <client>', 'with --inbound: connect from this namespace, or from the host, instead of waiting');

/** How both commands that follow a flow show it, and what fails them. */
const following = (command: Command): Command =>
  command
    .option('--no-tui', 'plain text, also in a terminal')
    .addOption(new Option('--keys <list>', "keys of the screen: 'quit=x probe=n,N'").env('VETHOSCOPE_KEYS'))
    .option('--fail-on <level>', 'error, warn or info: from where on the exit code is 3', 'error');

const repeated = (text: string, before: readonly string[] | undefined): readonly string[] => [...(before ?? []), text];

const addRepair = (program: Command, action: Action) => {
  display(incoming(probing(program.command('fix <run-or-target> [destination]'))))
    .description('plan, confirm, apply, verify, roll back if it does not help; WRITES')
    .option('--count <n>', 'probes to send (default: 3)')
    .option('--source-port <port>', 'send one datagram, from this port: follows the flow of a steady client')
    .option('--in-cgroup', "the probes join the target's cgroup, whose BPF programs they then meet")
    .option('--no-full-size', 'leave out the full-size packet that follows an answered probe')
    .option('--apply', 'apply the plan without asking')
    .option('--dry-run', 'show the plan and change nothing')
    .option('--script', 'print the plan as a shell script and change nothing')
    .option('--only <cause>', 'mend this cause alone')
    .option('--strict', 'the narrowest change: this path alone')
    .option('--persist', 'keep it over a restart, in the files that this host uses')
    .option('--try <time>', 'take it back by itself after this time, unless it is kept')
    .option('--keep', 'keep the repair of this run that is on trial')
    .option('--no-save', 'do not store the run')
    .addHelpText('after', FIX_WORDS)
    .action(action(async () => (await import('./commands/fix.js')).fix));
  display(program.command('build [target]'))
    .description('give a container a network, or complete it; WRITES')
    .option('--textbook <name>', 'make the classic network from nothing, with a namespace of this name')
    .option('--bridge <name>', "the container's bridge, made where it is missing (default: the one it has, else br0)")
    .option('--subnet <cidr>', "its subnet (default: the bridge's, else one that is free)")
    .option('--address <address>', 'address of the container (default: one that nobody has)')
    .option('--gateway <address>', "address of the bridge (default: the one it has, else the subnet's first)")
    .option('--name <device>', "name of the cable's host end")
    .option(
      '--publish <ports>',
      'lead a port of the host to the container: 8088:80, 5353:53/udp; again for more',
      repeated,
    )
    .option('--nftables', 'rules of native nft, in a table of their own')
    .option('--iptables', 'rules of iptables')
    .option('--ipv6', 'IPv6 as well')
    .option('--teach', 'a sentence about each step')
    .option('--try <time>', 'take it back by itself after this time, unless it is kept')
    .option('--destination <address>', "what the trace in the end goes to (default: this host's next router)")
    .option('--apply', 'apply the plan without asking')
    .option('--dry-run', 'show the plan and change nothing')
    .option('--no-save', 'do not store the run of the trace')
    .addHelpText('before', BUILD_EXAMPLES)
    .addHelpText('after', BUILD_WORDS)
    .action(action(async () => (await import('./commands/build.js')).build));
  display(program.command('undo [run]'))
    .description('take back what fix or build did; WRITES')
    .option('--last', 'the last repair that is not undone')
    .addOption(new Option('--unless-kept <time>').hideHelp())
    .action(action(async () => (await import('./commands/undo.js')).undo));
  display(program.command('journal'))
    .description('every change that was made here; reads only')
    .action(action(async () => (await import('./commands/journal.js')).journal));
};

/** Wrong usage is a known error like any other; what ends with a help text or the version is passed on. */
const withExit = (command: Command): Command =>
  command
    .exitOverride((error: CommanderError) => {
      if (error.exitCode === 0 || error.code === 'commander.help') throw error;
      const [message = '', ...hints] = error.message.replace(/^error: /, '').split('\n');
      const suggestion = hints.join(' ').replace(/^\(|\)$/g, '');
      throw new KnownError(message, { exitCode: EXIT.usage, hint: suggestion || 'vethoscope --help' });
    })
    .configureOutput({ outputError: () => undefined });
