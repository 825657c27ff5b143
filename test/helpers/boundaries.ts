const EVERY = process.env['VETHOSCOPE_ALL_BOUNDARIES'] === '1';

/** Numbers of the step boundaries at which a test kills the program: some, or with VETHOSCOPE_ALL_BOUNDARIES=1 all up to the last. */
export const boundaries = (last: number, some: readonly number[]): readonly number[] =>
  EVERY ? Array.from({ length: last }, (_, index) => index + 1) : some;
