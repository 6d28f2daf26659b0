type Field = { number: number; value: bigint | Buffer }

export type Span = {
  traceId: string
  spanId: string
  /** Empty: the first of its trace. */
  parentId: string
  name: string
  kind: number
  attributes: Readonly<Record<string, string | number>>
  events: string[]
  isError: boolean
  resource: Readonly<Record<string, string | number>>
}

/** The spans of an ExportTraceServiceRequest, as opentelemetry/proto/trace/v1/trace.proto numbers their fields. */
export function readSpans(body: Buffer): Span[] {
  return messages(body, 1).flatMap((resourceSpans) => {
    const [resource] = messages(resourceSpans, 1)
    return messages(resourceSpans, 2).flatMap((scopeSpans) =>
      messages(scopeSpans, 2).map((span) => ({
        traceId: messages(span, 1)[0]?.toString('hex') ?? '',
        spanId: messages(span, 2)[0]?.toString('hex') ?? '',
        parentId: messages(span, 4)[0]?.toString('hex') ?? '',
        name: messages(span, 5)[0]?.toString() ?? '',
        kind: numberOf(span, 6),
        attributes: attributesOf(messages(span, 9)),
        events: messages(span, 11).map((event) => messages(event, 2)[0]?.toString() ?? ''),
        isError: messages(span, 15).some((status) => numberOf(status, 3) === 2),
        resource: attributesOf(messages(resource ?? Buffer.alloc(0), 1)),
      })),
    )
  })
}

function attributesOf(pairs: readonly Buffer[]): Record<string, string | number> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [key, value] = [messages(pair, 1)[0]?.toString() ?? '', messages(pair, 2)[0] ?? Buffer.alloc(0)]
      return [key, messages(value, 1)[0]?.toString() ?? numberOf(value, 3)]
    }),
  )
}

const messages = (message: Buffer, number: number): Buffer[] =>
  [...fieldsOf(message)].flatMap((field) =>
    field.number === number && Buffer.isBuffer(field.value) ? field.value : [],
  )

const numberOf = (message: Buffer, number: number): number => {
  const found = [...fieldsOf(message)].find((field) => field.number === number)?.value
  return typeof found === 'bigint' ? Number(found) : 0
}

/** The wire format of protocol buffers. */
function* fieldsOf(message: Buffer): Generator<Field> {
  let at = 0
  const varint = () => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = message[at++] ?? 0
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }
  while (at < message.length) {
    const tag = Number(varint())
    const type = tag & 7
    const length = type === 2 ? Number(varint()) : type === 1 ? 8 : 4
    const value = type === 0 ? varint() : message.subarray(at, at + length)
    if (type !== 0) at += length
    yield { number: tag >> 3, value }
  }
}
