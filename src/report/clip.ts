/** A text cut to `length` characters with an ellipsis, never in the middle of a surrogate pair. */
export const clip = (text: string, length: number): string => {
  const characters = [...text.slice(0, length * 2 + 2)];
  return characters.length <= length && text.length <= length * 2
    ? text
    : `${characters.slice(0, length - 1).join('')}…`;
};
