import type { LinkLoss } from '../model/diagnosis.js';
import type { Located } from '../model/located.js';

/** Quantile of the normal distribution for 95 % on two sides. */
const Z = 1.959964;

/**
 * Wilson's score interval of a share, 95 %.
 * @param of at least 1
 * @see E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", JASA 22 (1927)
 */
export const wilsonInterval = (hits: number, of: number): readonly [low: number, high: number] => {
  const share = hits / of;
  const spread = Z ** 2 / of;
  const centre = (share + spread / 2) / (1 + spread);
  const half = Math.sqrt((share * (1 - share) + spread / 4) * spread) / (1 + spread);
  return [hits === 0 ? 0 : centre - half, hits === of ? 1 : centre + half];
};

/** The loss of each link, where the probes did not all end at one place. */
export const lossShares = ({ lossy }: Located): readonly LinkLoss[] =>
  lossy
    .filter(({ lost, of }) => lost <= of && of > 0)
    .map(({ link, way, lost, of }) => ({ link, way, lost, of, interval: wilsonInterval(lost, of) }));
