import { crc32 } from 'node:zlib'

/** The "full" TCP transport: length, sequence number, payload, CRC-32, all little-endian. */
const overhead = 12
const longest = 1 << 20

/** Takes a TCP stream apart: gives the payloads that a chunk completes. Throws when it isn't the full transport. */
export function packetReader(): (chunk: Buffer) => Buffer[] {
  let waiting = Buffer.alloc(0)
  let expected = 0
  return (chunk) => {
    waiting = Buffer.concat([waiting, chunk])
    const payloads: Buffer[] = []
    while (waiting.length >= 4) {
      const length = waiting.readInt32LE(0)
      if (length <= overhead || length > longest) throw new Error(`a packet of ${length} bytes`)
      if (waiting.length < length) break
      const packet = waiting.subarray(0, length)
      waiting = waiting.subarray(length)
      if (packet.readInt32LE(4) !== expected++) throw new Error('a packet out of order')
      if (packet.readUInt32LE(length - 4) !== crc32(packet.subarray(0, length - 4))) throw new Error('a wrong checksum')
      payloads.push(packet.subarray(8, length - 4))
    }
    return payloads
  }
}

/** Frames payloads for one connection. */
export function packetWriter(): (payload: Buffer) => Buffer {
  let sequence = 0
  return (payload) => {
    const packet = Buffer.alloc(payload.length + overhead)
    packet.writeInt32LE(packet.length, 0)
    packet.writeInt32LE(sequence++, 4)
    payload.copy(packet, 8)
    packet.writeUInt32LE(crc32(packet.subarray(0, packet.length - 4)), packet.length - 4)
    return packet
  }
}
