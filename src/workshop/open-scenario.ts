import type { Lab } from '../lab/lab.js';
import type { Scenario } from '../model/scenario.js';
import type { Baseline } from './damage.js';
import { readLabState } from './lab-state.js';
import { breakScene, prepareScene } from './scene.js';

/** Makes a new lab the beginning of a scenario. @returns what damage is measured against */
export const openScenario = async (lab: Lab, scenario: Scenario): Promise<Baseline> => {
  await prepareScene(lab, scenario);
  const healthy = await readLabState(lab);
  await breakScene(lab, scenario);
  return { healthy, broken: scenario.break.length === 0 ? healthy : await readLabState(lab) };
};
