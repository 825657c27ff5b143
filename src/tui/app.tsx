import { type ReactElement, useState } from 'react';
import { SkinContext } from './hooks/use-skin.js';
import type { Session, Subject } from './session.js';
import type { Skin } from './theme.js';
import { StartView, type StartViewProps } from './views/start-view.js';
import { TraceView, type TraceViewProps } from './views/trace-view.js';

export interface AppProps extends Omit<TraceViewProps, 'session'>, Omit<StartViewProps, 'choose' | 'trouble'> {
  readonly skin: Skin;
  /** The running trace; `null` opens the start screen. */
  readonly session: Session | null;
  /** Begins to trace what was chosen on the start screen. */
  open(subject: Subject): Session;
}

/** The whole screen: what to trace, where that is not said, then the trace. */
export const App = ({ skin, session, open, ...props }: AppProps): ReactElement => {
  const [chosen, choose] = useState(session);
  return (
    <SkinContext.Provider value={skin}>
      {chosen === null ? (
        <StartView {...props} choose={(subject) => choose(open(subject))} />
      ) : (
        <TraceView {...props} session={chosen} />
      )}
    </SkinContext.Provider>
  );
};
