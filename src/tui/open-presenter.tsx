import { SkinContext } from './hooks/use-skin.js';
import { type Stage, showOn } from './open-screen.js';
import type { Skin } from './theme.js';
import { type Presentation, PresenterView } from './views/presenter-view.js';

/** Draws a presentation until `until` aborts. @throws what a component threw */
export const openPresenter = (stage: Stage, skin: Skin, presentation: Presentation): Promise<void> =>
  showOn(stage, (_close, signal) => (
    <SkinContext.Provider value={skin}>
      <PresenterView presentation={presentation} signal={signal} />
    </SkinContext.Provider>
  ));
