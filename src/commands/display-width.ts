import { eastAsianWidth } from 'get-east-asian-width';

/** How much room a text takes in a terminal, where some characters take two columns and some none. */

const CHARACTERS = new Intl.Segmenter('en', { granularity: 'grapheme' });
const ASCII = /^[ -~]*$/;
/** Marks, joiners, and what is not to be seen. */
const NO_COLUMN = /^[\p{Mark}\p{Default_Ignorable_Code_Point}\p{Control}]+$/u;
/** Drawn as a picture by itself, or because the selector behind it says so. */
const PICTURE = /^\p{Emoji_Presentation}|^\p{Regional_Indicator}{2}|\ufe0f/u;

export function displayWidth(text: string): number {
  if (ASCII.test(text)) return text.length;
  let width = 0;
  for (const { segment } of CHARACTERS.segment(text)) width += characterWidth(segment);
  return width;
}

/** Of what a person takes for one character, whatever it is made of. */
function characterWidth(character: string): number {
  if (NO_COLUMN.test(character)) return 0;
  if (PICTURE.test(character)) return 2;
  return eastAsianWidth(character.codePointAt(0) ?? 0);
}

/** The text in at most so many columns; where something was left off it ends in `…`. */
export function cut(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  let kept = '';
  let left = columns - 1;
  if (left < 0) return '';
  for (const { segment } of CHARACTERS.segment(text)) {
    left -= characterWidth(segment);
    if (left < 0) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** The text in exactly so many columns. */
export function fit(text: string, columns: number, side: 'left' | 'right' = 'left'): string {
  const shown = cut(text, columns);
  const space = ' '.repeat(Math.max(0, columns - displayWidth(shown)));
  return side === 'left' ? `${shown}${space}` : `${space}${shown}`;
}
