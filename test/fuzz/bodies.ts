import fc from 'fast-check'
import { hostileBody, hostileJson, hostileText, props } from './hostile-values.ts'

export type Schema = {
  type?: string
  anyOf?: Schema[]
  properties?: Record<string, Schema>
  required?: string[]
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  examples?: string[]
}
/** From what the schema takes to what is no JSON. */
export function bodyOf(schema: Schema): fc.Arbitrary<string | undefined> {
  const right = objectOf(schema, rightValue)
  return fc.oneof(
    { weight: 4, arbitrary: right.map((body) => JSON.stringify(body)) },
    {
      weight: 4,
      arbitrary: objectOf(schema, (name, field) => fc.oneof(rightValue(name, field), hostileJson)).map((body) =>
        JSON.stringify(body),
      ),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(right, fc.dictionary(hostileText, hostileJson, { maxKeys: 3 }))
        .map(([body, more]) => JSON.stringify({ ...more, ...body })),
    },
    { weight: 1, arbitrary: hostileJson.map((body) => JSON.stringify(body)) },
    { weight: 2, arbitrary: hostileBody },
    { weight: 1, arbitrary: fc.constant(undefined) },
  )
}

/** Mostly with all fields that are required. */
function objectOf(
  { properties = {}, required = [] }: Schema,
  fieldOf: (name: string, schema: Schema) => fc.Arbitrary<unknown>,
) {
  const fields = Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, fieldOf(name, schema)]))
  return fc.oneof(
    { weight: 5, arbitrary: fc.record(fields, { requiredKeys: required }) },
    { weight: 1, arbitrary: fc.record(fields, { requiredKeys: [] }) },
  )
}

const real: Readonly<Record<string, readonly string[]>> = {
  phone_number: ['$phone', '$phone', '$otherPhone', '+237670000001'],
  password: ['$password', '$password', 'not the password'],
  new_password: ['$password', 'another long passphrase', 'short'],
  code: ['$code', '000000', '12345'],
}

/** What the schema takes. */
function rightValue(name: string, schema: Schema): fc.Arbitrary<unknown> {
  const known = [...(real[name] ?? []), ...(schema.examples ?? [])]
  const plain = fromSchema(schema)
  return known.length > 0
    ? fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...known) }, { weight: 1, arbitrary: plain })
    : plain
}

function fromSchema({ type, anyOf, minLength = 0, maxLength = 80, minimum, maximum }: Schema): fc.Arbitrary<unknown> {
  if (anyOf) return fc.oneof(...anyOf.map(fromSchema))
  if (type === 'null') return fc.constant(null)
  if (type === 'integer')
    return fc.integer({
      ...(minimum !== undefined && { min: minimum }),
      ...(maximum !== undefined && { max: maximum }),
    })
  if (type !== 'string') return hostileJson
  const edges = ['x'.repeat(Math.max(1, minLength)), 'x'.repeat(maxLength), 'é'.repeat(maxLength)]
  return fc.oneof(
    fc.string({ unit: 'grapheme', minLength, maxLength: Math.min(maxLength, 80) }),
    fc.constantFrom(...edges, ...props),
  )
}
