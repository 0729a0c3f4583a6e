/**
 * Wraps a text at its spaces into lines of at most `width`. A longer word gets a line of its own.
 *
 * @param widthOf measures a text without line breaks
 * @param words matches each word; default: what is between spaces
 */
export function wrapWords(
  text: string,
  width: number,
  widthOf: (text: string) => number,
  words?: RegExp,
): string[] {
  const lines: string[] = [];
  for (const word of words === undefined ? text.split(/\s+/) : (text.match(words) ?? [])) {
    const last = lines.at(-1);
    if (last !== undefined && widthOf(last) + 1 + widthOf(word) <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
