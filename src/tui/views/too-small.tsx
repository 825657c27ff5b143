import type { ReactElement } from 'react';
import { Rows } from '../components/rows.js';
import { line } from '../draw/line.js';
import { type Size, SMALLEST } from '../terminal/size.js';

/** What a screen shows that was made too small while it ran. */
export const TooSmall = ({ size }: { readonly size: Size }): ReactElement => (
  <Rows
    lines={[
      line(`terminal is ${size.columns}x${size.rows}`, 'warn'),
      line(`the live view needs ${SMALLEST.columns}x${SMALLEST.rows}`),
      line('make it larger, or q quits'),
    ]}
    width={size.columns}
  />
);
