import type { Command } from 'commander';
import { type Action, display } from './options.js';

/** Practice networks. Gives the command that the workshop adds to. */
export const addLab = (program: Command, action: Action): Command => {
  const lab = program
    .command('lab')
    .enablePositionalOptions()
    .description('practice networks, in namespaces of their own; needs no root');
  display(lab.command('up [network]'))
    .description('build a network and keep it')
    .option('--name <name>', 'name of the lab; the network is its default')
    .action(action(async () => (await import('./commands/lab.js')).up));
  display(lab.command('break <fault>'))
    .description('break one thing in a running lab')
    .option('--name <name>', 'which lab')
    .action(action(async () => (await import('./commands/lab.js')).breakFault));
  display(lab.command('mend <fault>'))
    .description('mend it again')
    .option('--name <name>', 'which lab')
    .action(action(async () => (await import('./commands/lab.js')).mend));
  display(lab.command('run <fault>'))
    .description('build, break, trace, show the diagnosis, remove')
    .option('--no-save', 'do not store the run')
    .action(action(async () => (await import('./commands/lab-run.js')).labRun));
  display(lab.command('list'))
    .description('running labs, the course of scenarios, networks and faults')
    .option('--scenarios <dir>', 'a folder of scenarios of your own')
    .action(action(async () => (await import('./commands/lab.js')).list));
  lab
    .command('exec <command...>')
    .description('run a command in a running lab: lab exec -- ping 203.0.113.5')
    .option('--name <name>', 'which lab')
    .option('--netns <netns>', 'namespace of the lab', 'host')
    .passThroughOptions()
    .action(action(async () => (await import('./commands/lab.js')).exec));
  display(lab.command('down [name]'))
    .description('remove a lab')
    .option('--all', 'remove every lab')
    .action(action(async () => (await import('./commands/lab.js')).down));
  return lab;
};

/** Exercises in practice networks: what their authors need, and what learners do. */
export const addWorkshop = (lab: Command, action: Action): void => {
  const ofLab = (command: Command): Command => display(command).option('--name <name>', 'which lab');
  const learner = async () => import('./commands/learner.js');
  const authors = async () => import('./commands/workshop.js');
  const DIR = ['--scenarios <dir>', 'a folder of scenarios of your own'] as const;
  lab.commandsGroup('Workshop:');
  display(lab.command('start <scenario>'))
    .description('build and break the lab of a scenario, and drop into a shell in it')
    .option('--name <name>', 'name of the lab, and of the learner; the scenario is its default')
    .option('--limit <time>', 'a solution after this time does not count')
    .option('--no-shell', 'only build it, and say how to enter it')
    .option(...DIR)
    .action(action(async () => (await learner()).start));
  display(lab.command('enter [name]'))
    .description('go into the lab of a scenario again')
    .action(action(async () => (await learner()).enter));
  ofLab(lab.command('record <file>'))
    .description('go into the lab and record the session, as asciicast for slides')
    .action(action(async () => (await import('./commands/lab-record.js')).record));
  display(lab.command('present <scenario>'))
    .description('show a scenario to a room, step by step; needs a terminal of 80x24')
    .option('--name <name>', 'name of the lab; the scenario is its default')
    .option('--audience', 'a view without hints, answers and notes')
    .option(...DIR)
    .action(action(async () => (await import('./commands/present.js')).present));
  display(lab.command('notes [name]'))
    .description("the speaker's notes beside a presentation, on a second terminal")
    .action(action(async () => (await import('./commands/notes.js')).notes));
  ofLab(lab.command('check'))
    .description('does it work now, and what has been damaged')
    .action(action(async () => (await learner()).check));
  ofLab(lab.command('hint'))
    .description('a hint that fits what has been tried; costs 10 points')
    .action(action(async () => (await learner()).hint));
  ofLab(lab.command('solve'))
    .description('show the solution and apply it; costs all points')
    .action(action(async () => (await learner()).solve));
  ofLab(lab.command('debrief'))
    .description('what it was, and questions to go on with')
    .action(action(async () => (await learner()).debrief));
  display(lab.command('reset [name]'))
    .description('build the lab of a scenario anew; time and points go on')
    .action(action(async () => (await learner()).reset));
  display(lab.command('score [name]'))
    .description('points of all attempts, or of those of one lab')
    .option('--csv', 'as CSV')
    .action(action(async () => (await import('./commands/score.js')).score));
  display(lab.command('lint [dir]'))
    .description('errors of scenario files, a line each')
    .option(...DIR)
    .action(action(async () => (await authors()).lint));
  display(lab.command('test [scenario...]'))
    .description('play scenarios from beginning to end: is everything as their files say')
    .option(...DIR)
    .action(action(async () => (await authors()).test));
};
