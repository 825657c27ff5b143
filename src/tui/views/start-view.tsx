import { Box } from 'ink';
import { type ReactElement, useEffect, useState } from 'react';
import { Panel } from '../components/panel.js';
import { Rows } from '../components/rows.js';
import { line, span } from '../draw/line.js';
import { type Choice, choiceLines, type Destination, destinationLines, matching } from '../draw/start.js';
import { useChoices } from '../hooks/use-choices.js';
import { type TerminalSignal, useKeys } from '../hooks/use-keys.js';
import { useSkin } from '../hooks/use-skin.js';
import { useTerminalSize } from '../hooks/use-terminal-size.js';
import type { Subject } from '../session.js';
import { foldStart, INITIAL_START } from '../start-state.js';
import { reaches, SMALLEST } from '../terminal/size.js';
import { TooSmall } from './too-small.js';

export interface StartViewProps {
  /** Set when the target was given, and only the destination is missing. */
  readonly givenTarget: string | null;
  readonly host: string;
  containers(): Promise<readonly Choice[]>;
  /** Destinations for a target: its gateway, its DNS servers, other containers; never a third party's address. */
  destinations(target: string, containers: readonly Choice[]): Promise<readonly Destination[]>;
  choose(subject: Subject): void;
  quit(withFrame: boolean): void;
  signal(signal: TerminalSignal): void;
}

/** Milliseconds between two looks at the containers. */
const REFRESH_MS = 2000;

/** Picks a container, then a destination. */
export const StartView = (props: StartViewProps): ReactElement => {
  const { givenTarget, containers, destinations, choose, quit, signal } = props;
  const { glyphs } = useSkin();
  const size = useTerminalSize();
  const [start, latest, fold] = useChoices(foldStart, { ...INITIAL_START, target: givenTarget });
  const [choices, setChoices] = useState<readonly Choice[] | null>(null);
  const [offered, setOffered] = useState<readonly Destination[]>([]);

  useEffect(() => {
    let over = false;
    const look = (): void =>
      void containers().then(
        (found) => {
          if (!over) setChoices(found);
        },
        () => {},
      );
    look();
    const timer = setInterval(look, REFRESH_MS);
    return () => {
      over = true;
      clearInterval(timer);
    };
  }, [containers]);

  const { target } = start;
  useEffect(() => {
    if (target === null) return;
    let over = false;
    void destinations(target, choices ?? []).then(
      (found) => {
        if (!over) setOffered(found);
      },
      () => {},
    );
    return () => {
      over = true;
    };
  }, [target, choices, destinations]);

  const shown = matching(choices ?? [], start.text);
  const rows = target === null ? shown.length : offered.length;
  const cursor = Math.min(start.cursor, Math.max(rows - 1, 0));
  const enter = (): void => {
    const now = latest();
    if (now.target === null) {
      const found = matching(choices ?? [], now.text);
      const chosen = found[Math.min(now.cursor, found.length - 1)];
      if (chosen) fold({ type: 'target', target: chosen.target });
      return;
    }
    const destination = now.text.trim() || offered[Math.min(now.cursor, offered.length - 1)]?.text;
    if (destination) choose({ target: now.target, destination });
  };
  useKeys((name) => {
    if (name === 'return') return enter();
    const now = latest();
    if (name === 'escape' && (now.target === null || givenTarget !== null) && now.text === '') return quit(false);
    fold({ type: 'key', key: name, rows, back: givenTarget === null });
  }, signal);

  if (!reaches(size, SMALLEST)) return <TooSmall size={size} />;
  const { columns } = size;
  const height = size.rows - 5;
  const prompt = target === null ? 'container' : `${target} ${glyphs.arrow} destination`;
  return (
    <Box flexDirection="column" width={columns} height={size.rows - 1}>
      <Rows
        lines={[
          [span(' vethoscope ', 'strong'), span(` host ${props.host}  `), span('READ-ONLY', 'ok')],
          [span(` ${prompt}: `, 'strong'), span(start.text), span('_', 'faint')],
        ]}
        width={columns}
      />
      <Panel
        title={target === null ? 'CONTAINERS' : 'DESTINATIONS'}
        note={`${rows}`}
        lines={
          target === null
            ? choiceLines(choices === null ? null : shown, cursor, columns - 4, height - 2, glyphs)
            : destinationLines(offered, cursor, height - 2, glyphs)
        }
        width={columns}
        height={height}
      />
      <Rows
        lines={[line(` type to filter   ${glyphs.arrows} choose   enter go on   esc back or quit`, 'faint')]}
        width={columns}
      />
    </Box>
  );
};
