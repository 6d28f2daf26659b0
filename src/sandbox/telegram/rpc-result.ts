import { gzipSync } from 'node:zlib'
import { serializeBytes } from 'telegram/tl/index.js'
import type { RpcAnswer } from './answer-request.ts'

const gzipFrom = 512

/** An rpc_result message; a long one is compressed. */
export function rpcResult(requestId: bigint, answer: RpcAnswer): Buffer {
  const header = Buffer.alloc(12)
  header.writeUInt32LE(0xf35c6d01, 0)
  header.writeBigUInt64LE(requestId, 4)
  const body = 'getBytes' in answer ? answer.getBytes() : vector(answer.map((item) => item.getBytes()))
  if (body.length < gzipFrom) return Buffer.concat([header, body])
  return Buffer.concat([header, Buffer.from('a1cf7230', 'hex'), serializeBytes(gzipSync(body))])
}

function vector(items: readonly Buffer[]): Buffer {
  const header = Buffer.from('15c4b51c00000000', 'hex')
  header.writeInt32LE(items.length, 4)
  return Buffer.concat([header, ...items])
}
