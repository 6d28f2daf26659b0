import { plainText } from './plain-text.ts'

/**
 * The code that somebody typed or pasted, also with the message around it: the one number of as many digits, however they are set apart. Undefined
 * where there is none, or more than one.
 */
export function readCode(typed: string, { shortest, longest }: { shortest: number; longest: number }) {
  const numbers = plainText(typed).match(/\d(?:[^\p{L}\p{N}]*\d)*/gu) ?? []
  const codes = numbers
    .map((number) => number.replace(/\D/g, ''))
    .filter(({ length }) => length >= shortest && length <= longest)
  const [code, ...others] = new Set(codes)
  return others.length === 0 ? code : undefined
}
