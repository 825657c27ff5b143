import type { Lab } from '../../lab/lab.js';
import { forgetLab, runningLabs } from '../../lab/lab-store.js';
import { EXIT, KnownError } from '../../model/errors.js';
import type { Scenario } from '../../model/scenario.js';
import { deckOf } from '../../tui/store/presenter-state.js';
import { SMALLEST, screenObstacle } from '../../tui/terminal/size.js';
import { skinOf } from '../../tui/theme.js';
import { forgetPresented, presentations, savePresented } from '../../workshop/presented.js';
import { type Attempt, attemptOf, forgetAttempt } from '../../workshop/progress.js';
import type { CommandContext } from '../context.js';
import { openFrames } from '../open-frames.js';
import { createPresenting } from '../presenting.js';
import { LAB_VARIABLE, opened } from '../running-lab.js';
import { scenarioFolder, scenarioNamed } from '../scenarios.js';
import type { RawOptions } from '../settings.js';
import { startScenario } from '../start-scenario.js';

const usage = (message: string, hint: string): KnownError => new KnownError(message, { exitCode: EXIT.usage, hint });

/** Presents a scenario on the screen; its lab is removed at the end unless it ran before. */
export const present = async (
  context: CommandContext,
  [id = '']: readonly string[],
  options: RawOptions,
): Promise<number> => {
  const obstacle = screenObstacle({ ...SMALLEST, isTTY: process.stdout.isTTY }, process.stdin, process.env);
  if (obstacle !== null) throw usage(`cannot present: ${obstacle.reason}`, 'without a terminal: vethoscope lab start');
  if (process.env[LAB_VARIABLE] !== undefined) throw usage('this is a shell in a lab', 'leave it with exit first');
  const folder = scenarioFolder(options);
  const scenario = await scenarioNamed(id, folder);
  const name = typeof options['name'] === 'string' ? options['name'] : scenario.id;
  if ((await presentations()).some((running) => running.name === name))
    throw usage(`the lab ${name} is presented already`, 'choose another --name');
  const stage = await openStage(context, scenario, name, folder);
  try {
    await showRoom(context, stage, options['audience'] === true);
  } finally {
    await forgetPresented(name);
    await stage.leave();
  }
  context.signal.throwIfAborted();
  return EXIT.ok;
};

/** The lab that is presented in. */
interface RoomLab {
  readonly name: string;
  readonly folder: string | null;
  readonly scenario: Scenario;
  readonly lab: Lab;
  readonly attempt: Attempt;
  /** It ran before, and goes on. */
  readonly lasting: boolean;
  rebuild(): Promise<{ readonly lab: Lab; readonly baseline: Attempt['baseline'] }>;
  /** Removes it, unless it ran before. */
  leave(): Promise<void>;
}

const openStage = async (
  context: CommandContext,
  scenario: Scenario,
  name: string,
  folder: string | null,
): Promise<RoomLab> => {
  const before = (await runningLabs()).find((record) => record.name === name);
  if (before !== undefined && before.scenario?.id !== scenario.id)
    throw usage(`a lab ${name} runs, with something else in it`, 'choose another --name');
  const lasting = before !== undefined;
  if (!lasting) context.note(`building the lab ${name} ...`);
  const first = before
    ? { lab: opened(context, before), record: before }
    : await startScenario(context, scenario, { name, folder, limitMs: null, lasting });
  const attempt = await attemptOf(first.record.scenario?.attempt ?? '');
  let current = first.lab;
  return {
    name,
    folder,
    scenario,
    lab: first.lab,
    attempt,
    lasting,
    rebuild: async () => {
      await current.close();
      await forgetLab(name);
      const { limitMs } = attempt;
      const { lab } = await startScenario(context, scenario, { name, folder, limitMs, again: attempt, lasting });
      current = lab;
      return { lab, baseline: (await attemptOf(attempt.id)).baseline };
    },
    leave: async () => {
      if (lasting) return;
      await current.close();
      await forgetLab(name);
      await forgetAttempt(attempt.id);
    },
  };
};

const showRoom = async (context: CommandContext, room: RoomLab, audience: boolean): Promise<void> => {
  const { display, terminal } = context;
  const ended = new AbortController();
  const failed = new AbortController();
  const { name, folder, scenario, lasting } = room;
  const attempt = lasting ? null : room.attempt.id;
  // One after the other, so that the last place is the one that stays.
  let saved = Promise.resolve();
  const presenting = createPresenting({
    deck: deckOf(scenario, audience),
    lab: room.lab,
    baseline: room.attempt.baseline,
    rebuild: room.rebuild,
    onMove: ({ at, ran }) => {
      saved = saved
        .then(() => savePresented({ name, scenario: scenario.id, folder, attempt, at, ran }))
        .catch((error: unknown) => failed.abort(error));
    },
    onQuit: () => ended.abort(),
    onFailure: (error) => failed.abort(error),
  });
  const frames = openFrames(context);
  try {
    const { openPresenter } = await import('../../tui/open-presenter.js');
    presenting.begin();
    await openPresenter(
      {
        frames,
        input: process.stdin,
        until: AbortSignal.any([context.signal, ended.signal, failed.signal]),
        interrupt: () => void process.kill(process.pid, 'SIGINT'),
      },
      skinOf({ theme: display.theme, color: terminal.color, ascii: terminal.ascii }),
      presenting,
    );
  } finally {
    await presenting.stop();
    await saved;
  }
  if (failed.signal.aborted) throw failed.signal.reason;
};
