/** Shown first in the help. */
export const EXAMPLES = `Examples:
  sudo vethoscope trace net1 203.0.113.5             why does net1 not reach that address?
  sudo vethoscope trace web-1 tcp://203.0.113.5:443  the same for a container and a TCP port
  sudo vethoscope check web-1 203.0.113.5            what the rules and routes alone say, without a packet
  sudo vethoscope watch net1 203.0.113.5             keep probing: loss, delay, what changes
  sudo vethoscope                                    in a terminal: pick a container, see it live
  sudo vethoscope fix net1 203.0.113.5               plan the repair, ask, apply, verify, or roll back
  sudo vethoscope build web-1 --publish 8088:80      give a container a network, step by step
  sudo vethoscope undo --last                        take it back, exactly
  vethoscope lab run host-ip-forward-off             see it find a fault in a practice network
  vethoscope show 3f9c -v                            a stored run again, in full
`;

export const TRACE_EXAMPLES = `Examples:
  sudo vethoscope trace net1 203.0.113.5
  sudo vethoscope trace docker:web-1 tcp://203.0.113.5:443 --count 10
  sudo vethoscope trace pid:29044 example.org --json > run.json
  sudo vethoscope trace web tcp://198.51.100.10:8080 --inbound    wait for a connection to its published port
  sudo vethoscope trace web tcp://198.51.100.10:8080 --inbound --simulate host    connect from this host
  sudo vethoscope trace web --passive 'tcp port 443'  follow what it sends itself, without a packet of ours
  sudo vethoscope trace web --socket 5432             why does its connection to that port hang?
  sudo vethoscope trace net1 203.0.113.5 --dry-run    show the path and every command first
`;

export const FOOTER = `
A trace reads only: it sends the probes that it announces to the destination that it is given, and nowhere else.
No telemetry, no update check, no upload.`;

/** What a target and a destination may look like. */
export const TRACE_ARGUMENTS = `
target:       a container's name or ID or compose service, docker:web, podman:web, nerdctl:web, containerd:ID, cri:web,
              pod:NAMESPACE/NAME, nspawn:NAME, lxc:NAME; net1, netns:net1, pid:29044 or 29044, a path to a namespace
destination:  203.0.113.5, 203.0.113.5:443, tcp://203.0.113.5:443, udp://203.0.113.5:5060,
              example.org, [2001:db8::5]:443, dns://203.0.113.5/example.org, dns:///example.org (its own server)
durations:    250ms, 5s, 2m

Exit codes: 0 the flow works, 3 fault found, 4 works with loss, 5 inconclusive, 2 wrong usage or unknown target,
            69 a program is missing, 77 not enough privilege, 124 time-out, 130 interrupted, 1 a bug`;

export const CHECK_EXAMPLES = `Examples:
  sudo vethoscope check web-1 203.0.113.5             would it get out, and would the answer come back?
  sudo vethoscope check web-1 tcp://198.51.100.10:8080 --inbound
  sudo vethoscope check --expect flows.yaml           for a cron job: exit code 3 where something differs
  vethoscope check --run 3f9c                         the same on a stored run
  vethoscope check 203.0.113.5 --iptables save.txt --nft nft.json --routes routes.json \\
                   --iif br0 --source 192.168.0.2     what would another host do? (from its dumps)
`;

export const CHECK_NOTES = `
Without a target every container here is checked, without a destination any address outside.
With files the destination is the only argument.

flows.yaml:
  flows:
    - target: web-1
      destination: 203.0.113.5
      expect: { verdict: accepted, egress: eth0, nat: { source: 198.51.100.10 } }

Exit codes: 0 accepted (or as expected), 3 dropped (or not as expected), 5 hangs on what only the kernel knows,
            2 wrong usage or unknown target, 69 a program is missing, 77 not enough privilege, 1 a bug`;

export const FIX_WORDS = `
Nothing is changed before you type the word yes, or without --apply. Every step is in the journal before it is made
(/var/lib/vethoscope/journal), checked with a new flow, and taken back when the flow does not work then.
--persist adds what was changed on the host to /etc/sysctl.d, to the stored rules of iptables (rules.v4, rules.v6) or to
nftables.conf, and addresses and routes to netplan, systemd-networkd or ifupdown, whichever defines the device, once the
flow works. What this host stores nowhere is named in the plan; where that is all, exit code 2.

Exit codes: 0 mended, or nothing to mend, 3 only a person can mend it, 5 inconclusive, 6 it did not help and was rolled
            back, 7 the roll-back failed, 8 a change is pending (--dry-run, or no yes), 9 refused: another repair is
            going on, was cut short, or is on trial, or somebody changed the same since`;

export const BUILD_EXAMPLES = `Examples:
  sudo vethoscope build --textbook net1 --teach       the classic network from nothing, explained
  sudo vethoscope build web-1 --publish 8088:80       a container that runs with --network none
  sudo vethoscope build pid:29044 --bridge docker0    an unshare -n process, on Docker's bridge
  sudo vethoscope build web-1 --dry-run               what is missing, and what would be done
`;

export const BUILD_WORDS = `
Parts that are right already are left as they are: a second run changes nothing. Every step is in the journal before it
is made, and vethoscope undo takes it back. Nothing is changed before you type the word yes, or without --apply. An address
is chosen when no container, no neighbour and no answer to an ARP request on the bridge has it.

Exit codes: 0 built and the trace works, 3, 4, 5 as of trace, 6 a step failed and all was rolled back, 7 the roll-back
            failed, 8 steps are pending (--dry-run, or no yes), 9 refused, as of fix, 2 a wish that cannot be had`;
