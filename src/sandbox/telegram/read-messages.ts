import { gunzipSync } from 'node:zlib'
import { BinaryReader } from 'telegram/extensions/BinaryReader.js'

const containerId = 0x73f1f8dc
const gzipId = 0x3072cfa1

/** A message from within a packet. `object`: an instance of the library's TL classes. */
export type Message = { readonly messageId: bigint; readonly sequence: number; readonly object: unknown }

/** Takes containers and compressed bodies apart, in order. */
export function readMessages(messageId: bigint, sequence: number, body: Buffer): Message[] {
  const id = body.readUInt32LE(0)
  if (id === gzipId) {
    const reader = new BinaryReader(body.subarray(4))
    return readMessages(messageId, sequence, gunzipSync(reader.tgReadBytes()))
  }
  if (id !== containerId) return [{ messageId, sequence, object: new BinaryReader(body).tgReadObject() }]
  const messages: Message[] = []
  let at = 8
  for (let left = body.readInt32LE(4); left > 0; left--) {
    const end = at + 16 + body.readInt32LE(at + 12)
    messages.push(...readMessages(body.readBigUInt64LE(at), body.readInt32LE(at + 8), body.subarray(at + 16, end)))
    at = end
  }
  return messages
}

/** Several messages as one container's body. */
export function writeContainer(messages: readonly { messageId: bigint; sequence: number; body: Buffer }[]): Buffer {
  const header = Buffer.alloc(8)
  header.writeUInt32LE(containerId, 0)
  header.writeInt32LE(messages.length, 4)
  const parts = messages.map(({ messageId, sequence, body }) => {
    const head = Buffer.alloc(16)
    head.writeBigUInt64LE(messageId, 0)
    head.writeInt32LE(sequence, 8)
    head.writeInt32LE(body.length, 12)
    return Buffer.concat([head, body])
  })
  return Buffer.concat([header, ...parts])
}
