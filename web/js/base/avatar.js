// What stands for somebody without a picture: a colour and a letter.

const COLOURS = 8;

/** Gives one of a few colours, the same for one id on every screen. */
export function colourOf(id) {
  let sum = 0;
  for (const character of id) sum = (sum * 31 + character.codePointAt(0)) % 9973;
  return sum % COLOURS;
}

/** Gives what stands for a name in a circle: its first character, whole. */
export function initialOf(name) {
  const first = [...new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(name.trim())][0];
  return (first?.segment ?? '?').toLocaleUpperCase();
}
