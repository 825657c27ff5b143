import { Box, Text } from 'ink';
import type { ReactElement } from 'react';
import type { Line, Span } from '../draw/line.js';
import { useSkin } from '../hooks/use-skin.js';
import type { Skin } from '../theme.js';

interface RowsProps {
  readonly lines: readonly Line[];
  readonly width: number;
  /** Rows that the lines take, filled with empty ones; as many as there are lines by default. */
  readonly height?: number;
}

/** Lines of text, one for each row, cut at the width. */
export const Rows = ({ lines, width, height = lines.length }: RowsProps): ReactElement => {
  const skin = useSkin();
  const all = Array.from({ length: Math.max(height, 0) }, (_, row) => ({ row, spans: lines[row] ?? [] }));
  return (
    <Box flexDirection="column" width={width} height={Math.max(height, 0)} overflow="hidden">
      {all.map(({ row, spans }) => (
        <Text key={row} wrap="truncate-end">
          {spans.length === 0
            ? ' '
            : within(spans, width).map((part, at) => <Piece key={keyOf(part, at)} part={part} skin={skin} />)}
        </Text>
      ))}
    </Box>
  );
};

const keyOf = (part: Span, at: number): string => `${at} ${part.tone}`;

const Piece = ({ part, skin }: { readonly part: Span; readonly skin: Skin }): ReactElement => (
  <Text {...skin.looks[part.tone]}>{skin.ascii ? part.text.replace(/[^\x20-\x7e]/gu, '?') : part.text}</Text>
);

/** Cuts the spans so that together they take no more than the width. */
const within = (spans: Line, width: number): Line => {
  let room = width;
  return spans.flatMap((part) => {
    const characters = [...part.text].slice(0, Math.max(room, 0));
    room -= characters.length;
    return characters.length === 0 ? [] : [{ ...part, text: characters.join('') }];
  });
};
