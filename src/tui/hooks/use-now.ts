import { useEffect, useState } from 'react';

/** The time in milliseconds since the epoch, anew each second while something runs. */
export const useNow = (running: boolean, clock: () => number): number => {
  const [now, setNow] = useState(clock);
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => setNow(clock()), 1000);
    return () => clearInterval(timer);
  }, [running, clock]);
  return now;
};
