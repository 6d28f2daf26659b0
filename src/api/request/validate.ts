import { zValidator } from '@hono/zod-validator'
import * as z from 'zod'
import { RefusedError } from '../../errors.ts'
import { withRouteMeta } from '../openapi/operation.ts'
import { readJson } from './read-json.ts'

/** Checks a body or a path against its schema. A refusal is thrown, so that handlers and the client's types know only success. */
export function validate<Schema extends z.ZodType, Target extends 'json' | 'param'>(target: Target, schema: Schema) {
  const check = zValidator(target, schema, (result) => {
    if (result.success) return
    const fields = [...new Set(result.error.issues.map(({ path }) => path.join('.')))].filter(Boolean)
    throw new RefusedError('bad_request', 'missing or invalid fields', fields.length > 0 ? { fields } : {})
  })
  const readAndCheck: typeof check = async (c, next) => {
    if (target === 'json') await readJson(c)
    return check(c, next)
  }
  return withRouteMeta(readAndCheck, { target, schema })
}

/** A string that must be given. */
export const text = (longest: number) => z.string().min(1).max(longest)

/** One that may be left out; `null` and the empty string are as if it were. `about`: for the API document. */
export const optionalText = (longest: number, about: { description?: string; examples?: string[] } = {}) =>
  z
    .string()
    .max(longest)
    .nullish()
    .meta(about)
    .transform((value) => value || undefined)

/** Of a transformation: the field can't be what it should be. */
export function refuseValue(context: z.RefinementCtx): never {
  context.addIssue({ code: 'custom' })
  return z.NEVER
}

/** A body without fields. */
export const nothing = z.object({})
