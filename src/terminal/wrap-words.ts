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
  return fillLines(words === undefined ? text.split(/\s+/) : (text.match(words) ?? []), width, widthOf);
}

/** Lines of these words, like {@link wrapWords}. @param indent before each line but the first */
export function fillLines(
  words: readonly string[],
  width: number,
  widthOf: (text: string) => number,
  indent = '',
): string[] {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && widthOf(last) + 1 + widthOf(word) <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(last === undefined ? word : `${indent}${word}`);
  }
  return lines;
}
