import { attachLab, type Lab } from '../lab/lab.js';
import { type LabRecord, runningLabs } from '../lab/lab-store.js';
import { EXIT, KnownError } from '../model/errors.js';
import { type CommandContext, jsonLine } from './context.js';
import { topologyNamed } from './lab-names.js';

/** Name of the lab whose shell we were started from. */
export const LAB_VARIABLE = 'VETHOSCOPE_LAB';

/** The lab that is meant: by its name, the one that we are in, or the only one that runs. @throws KnownError for none or several */
export const chosenLab = async (wanted: unknown): Promise<LabRecord> => {
  const running = await runningLabs();
  const inside = process.env[LAB_VARIABLE];
  const name = wanted ?? (running.some((record) => record.name === inside) ? inside : undefined);
  const [first, second] = typeof name === 'string' ? running.filter((record) => record.name === name) : running;
  if (first !== undefined && second === undefined) return first;
  const names = running.map((record) => record.name).join(', ');
  if (first === undefined)
    throw new KnownError(typeof name === 'string' ? `no lab ${JSON.stringify(name)} runs` : 'no lab runs', {
      exitCode: EXIT.usage,
      hint: names === '' ? 'vethoscope lab up' : `running: ${names}`,
    });
  throw new KnownError(`several labs run: ${names}`, { exitCode: EXIT.usage, hint: 'choose one with --name' });
};

/** A lab that runs, to work in. @throws KnownError for one of another user */
export const opened = (context: CommandContext, record: LabRecord): Lab => {
  if (!record.holder.unprivileged && process.getuid?.() !== 0)
    throw new KnownError(`the lab ${record.name} belongs to root`, { exitCode: EXIT.noPrivilege, hint: 'use sudo' });
  return attachLab(record.holder, {
    topology: topologyNamed(record.topology),
    program: context.program,
  });
};

/** Says what was done, for a person or a program. */
export const say = (context: CommandContext, text: string, value: object): number => {
  context.out(context.display.format === 'text' ? `${text}\n` : jsonLine(value));
  return EXIT.ok;
};
