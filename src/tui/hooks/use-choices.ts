import { useRef, useState } from 'react';

/**
 * A reducer whose state is also known between two draws, because several keys may come before the next one.
 * @returns the state to draw, the latest one, and the way to change it
 */
export const useChoices = <S, E>(
  fold: (state: S, event: E) => S,
  initial: S,
): readonly [S, () => S, (event: E) => void] => {
  const [drawn, draw] = useState(initial);
  const latest = useRef(initial);
  const choose = (event: E): void => {
    latest.current = fold(latest.current, event);
    draw(latest.current);
  };
  return [drawn, () => latest.current, choose];
};
