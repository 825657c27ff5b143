/** Shown first in the help. */
export const EXAMPLES = `Examples:
  sudo vethoscope trace net1 203.0.113.5             why does net1 not reach that address?
  sudo vethoscope trace web-1 tcp://203.0.113.5:443  the same for a container and a TCP port
  sudo vethoscope fix net1 203.0.113.5               plan the repair, ask, apply, verify, or roll back
  sudo vethoscope undo --last                        take it back, exactly
  vethoscope lab run host-ip-forward-off             see it find a fault in a practice network
  vethoscope show 3f9c -v                            a stored run again, in full
`;

export const TRACE_EXAMPLES = `Examples:
  sudo vethoscope trace net1 203.0.113.5
  sudo vethoscope trace docker:web-1 tcp://203.0.113.5:443 --count 10
  sudo vethoscope trace pid:29044 example.org --json > run.json
  sudo vethoscope trace net1 203.0.113.5 --dry-run    show the path and every command first
`;

export const FOOTER = `
A trace reads only: it sends the probes that it announces to the destination that it is given, and nowhere else.
No telemetry, no update check, no upload.`;

/** What a target and a destination may look like. */
export const TRACE_ARGUMENTS = `
target:       net1, netns:net1, a container's name or ID, docker:web, pid:29044 or 29044, a path to a namespace
destination:  203.0.113.5, 203.0.113.5:443, tcp://203.0.113.5:443, example.org, [2001:db8::5]:443
durations:    250ms, 5s, 2m

Exit codes: 0 the flow works, 3 fault found, 4 works with loss, 5 inconclusive, 2 wrong usage or unknown target,
            69 a program is missing, 77 not enough privilege, 124 time-out, 130 interrupted, 1 a bug`;

export const FIX_WORDS = `
Nothing is changed before you type the word yes, or without --apply. Every step is in the journal before it is made
(/var/lib/vethoscope/journal), checked with a new flow, and taken back when the flow does not work then.

Exit codes: 0 mended, or nothing to mend, 3 only a person can mend it, 5 inconclusive, 6 it did not help and was rolled
            back, 7 the roll-back failed, 8 a change is pending (--dry-run, or no yes), 9 refused: another repair is
            going on, was cut short, or is on trial, or somebody changed the same since`;
