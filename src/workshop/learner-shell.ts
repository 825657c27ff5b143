import type { Lab } from '../lab/lab.js';
import { quoted } from '../lab/topology.js';
import { shellQuote } from '../model/inert.js';

/** Lies in the lab's own /run, which is gone with the lab. */
const FOLDER = '/run/vethoscope';

/** Commands of the learner, one a line. */
const COMMANDS = `${FOLDER}/commands`;

const MAX_BYTES = 1024 * 1024;

/** The prompt names the lab and the namespace; every command is kept for the hints. */
const startFile = (name: string): string =>
  [
    `export PATH=${FOLDER}/bin:$PATH VETHOSCOPE_LAB=${name}`,
    'unset HISTFILE; HISTCONTROL=; shopt -s cmdhist checkwinsize',
    `__where() { local w; w=$(ip netns identify 2>/dev/null); printf %s "\${w:-host}"; }`,
    `__keep() { local l; l=$(HISTTIMEFORMAT= history 1); printf '%s\\n' "\${l#*[0-9]  }" >>${COMMANDS}; }`,
    'PROMPT_COMMAND=__keep',
    `PS1='[${name} $(__where)] \\W \\$ '`,
    'netns() { ip netns exec "$@"; }',
    '',
  ].join('\n');

/** `bash` without arguments reads the start file too, so that `ip netns exec net1 bash` has its prompt. */
const BASH = `#!/bin/sh
[ $# -eq 0 ] && exec /bin/bash --rcfile ${FOLDER}/bashrc -i
exec /bin/bash "$@"
`;

/** Puts the files of the learner's shell into a lab. */
export const furnishLab = async (lab: Lab, name: string, program: readonly string[]): Promise<void> => {
  const files: Readonly<Record<string, string>> = {
    bashrc: startFile(name),
    'bin/bash': BASH,
    'bin/vethoscope': `#!/bin/sh\nexec ${shellQuote(program)} "$@"\n`,
  };
  await lab.run([
    `mkdir -p ${FOLDER}/bin && : >>${COMMANDS}`,
    ...Object.entries(files).map(([file, text]) => `printf %s ${quoted(text)} >${FOLDER}/${file}`),
    `chmod 755 ${FOLDER}/bin/*`,
  ]);
};

/**
 * The learner's shell, as a command inside the lab. An interactive shell ignores SIGTERM; SIGHUP ends it and its jobs when
 * we are killed.
 */
export const LEARNER_SHELL: readonly string[] = [
  ...['setpriv', '--pdeathsig', 'HUP', '--'],
  '/bin/bash',
  '--rcfile',
  `${FOLDER}/bashrc`,
  '-i',
];

/** Where a session is recorded, before it is converted. */
export const RECORDING = { log: `${FOLDER}/session.log`, timing: `${FOLDER}/session.timing` } as const;

/** What a learner asks of the workshop itself is no attempt at anything. */
const OF_WORKSHOP = /\bvethoscope lab [^;&|]*/g;

/** The commands that a learner has run in the lab, oldest first. */
export const learnerCommands = async (lab: Lab): Promise<readonly string[]> => {
  const { stdout } = await lab.exec(['cat', COMMANDS], { maxBytes: MAX_BYTES });
  const lines = stdout.split('\n').map((line) => line.replace(OF_WORKSHOP, '').trim());
  return lines.filter((line) => line !== '');
};

/** Keeps a command that came into the lab another way. */
export const keepCommand = async (lab: Lab, command: string): Promise<void> => {
  await lab.exec(`printf '%s\\n' ${quoted(command.replaceAll('\n', ' '))} >>${COMMANDS}`);
};
