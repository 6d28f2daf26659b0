/** Nobody sees these, so nobody can mend them: format characters (bidi marks, zero-width spaces), fillers, the parts of an emoji's look. */
const invisible = /[\p{Cf}\p{M}\p{Default_Ignorable_Code_Point}\u2800]/gu

/**
 * What was typed or pasted where a code or a number is asked for: letters and signs of one width (NFKC), every script's digits as 0 to 9, spaces,
 * tabs and line ends as one kind of space, and nothing invisible. Not for passwords and names.
 */
export const plainText = (typed: string): string =>
  withoutInvisible(typed.normalize('NFKC'))
    .replace(/[\p{Z}\p{Cc}]/gu, ' ')
    .replace(/\p{Nd}/gu, latinDigit)
    .trim()

export const withoutInvisible = (typed: string): string => typed.replace(invisible, '')

/** Unicode has each script's digits in a row, beginning with its zero. */
function latinDigit(digit: string): string {
  const at = digit.codePointAt(0) ?? 0
  let zero = at
  while (/\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero--
  return String((at - zero) % 10)
}
