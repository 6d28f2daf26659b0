import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import { BinaryReader } from 'telegram/extensions/BinaryReader.js'
import { returnBigInt } from 'telegram/Helpers.js'
import { Api } from 'telegram/tl/index.js'
import { sha1 } from './aes-ige.ts'
import { answerRequest, type RpcAnswer } from './answer-request.ts'
import { methodOf, phoneNumberOf } from './describe-request.ts'
import { type Envelope, openPacket, sealPacket } from './encrypted-packet.ts'
import { faultRefusal, reportDone, takeFault } from './faults.ts'
import { startKeyExchange } from './key-exchange.ts'
import { packetReader, packetWriter } from './packet-stream.ts'
import { type Message, readMessages, writeContainer } from './read-messages.ts'
import { RpcRefusal } from './rpc-refusal.ts'
import { rpcResult } from './rpc-result.ts'
import type { AuthKey, Session, TelegramState } from './telegram-state.ts'

const unknownAuthKey = -404

/** Speaks MTProto with one client until it hangs up. `later` runs something after a time, unless the sandbox is closed first. */
export function serveConnection(
  socket: Socket,
  { state, dc, later }: { state: TelegramState; dc: number; later: (milliseconds: number, run: () => void) => void },
) {
  const readPackets = packetReader()
  const frame = packetWriter()
  const nextMessageId = messageIds()
  const exchange = startKeyExchange(state.serverKey, ({ key, salt }) => {
    const id = sha1(key).readBigUInt64LE(12)
    state.authKeys.set(id, { id, key, salt, dc, sessions: new Map(), phoneNumbers: new Set() })
  })
  let turn: Promise<unknown> = Promise.resolve()

  socket.setNoDelay(true)
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk) => {
    try {
      for (const packet of readPackets(chunk)) {
        turn = turn.then(() => receive(packet)).catch(() => refuse())
      }
    } catch {
      socket.destroy()
    }
  })

  const send = (payload: Buffer) => {
    if (socket.writable) socket.write(frame(payload))
  }

  /** A transport error is a bare negative number instead of a message. */
  function refuse() {
    const code = Buffer.alloc(4)
    code.writeInt32LE(unknownAuthKey)
    send(code)
    socket.end()
  }

  async function receive(packet: Buffer): Promise<unknown> {
    const keyId = packet.readBigUInt64LE(0)
    if (keyId === 0n) return receivePlain(new BinaryReader(packet.subarray(20)).tgReadObject())
    const authKey = state.authKeys.get(keyId)
    if (authKey === undefined || authKey.dc !== dc) return refuse()
    const envelope = openPacket(packet, authKey.key)
    const current = openSession(authKey, envelope)
    const fault = envelopeFault(authKey, envelope)
    if (fault) return current.send([fault])
    const session = current.session
    for (const message of readMessages(envelope.messageId, envelope.sequence, envelope.body)) {
      if (session.seen.has(message.messageId)) continue
      session.seen.add(message.messageId)
      await receiveMessage(message, authKey, current)
    }
  }

  async function receivePlain(request: unknown) {
    const fault = takeFault(state, methodOf(request))
    if (fault === 'hang') return
    if (fault === 'drop') return socket.destroy()
    const body = (await exchange(request)).getBytes()
    const header = Buffer.alloc(20)
    header.writeBigUInt64LE(nextMessageId(), 8)
    header.writeInt32LE(body.length, 16)
    send(Buffer.concat([header, body]))
  }

  type OpenSession = ReturnType<typeof openSession>

  /** Finds or begins the client's session; `send` seals messages into one packet of it. */
  function openSession(authKey: AuthKey, { sessionId, messageId }: Envelope) {
    const known = authKey.sessions.get(sessionId)
    const session: Session = known ?? { initialized: false, contentMessages: 0, seen: new Set<bigint>() }
    authKey.sessions.set(sessionId, session)
    const greeting = new Api.NewSessionCreated({
      firstMsgId: returnBigInt(messageId),
      uniqueId: returnBigInt(randomBytes(8).readBigInt64LE()),
      serverSalt: returnBigInt(authKey.salt),
    })
    const unsent = known ? [] : [greeting.getBytes()]
    return {
      session,
      send(bodies: readonly Buffer[]) {
        const messages = [...unsent.splice(0), ...bodies].map((body) => ({
          messageId: nextMessageId(),
          sequence: session.contentMessages++ * 2 + 1,
          body,
        }))
        const [first, ...others] = messages
        if (first === undefined) return
        const whole =
          others.length === 0
            ? first
            : { messageId: nextMessageId(), sequence: session.contentMessages * 2, body: writeContainer(messages) }
        send(sealPacket({ ...whole, salt: authKey.salt, sessionId }, authKey.key, authKey.id))
      },
    }
  }

  async function receiveMessage({ messageId, sequence, object }: Message, authKey: AuthKey, current: OpenSession) {
    const msgId = returnBigInt(messageId)
    if (object instanceof Api.MsgsAck) return
    if (object instanceof Api.Ping || object instanceof Api.PingDelayDisconnect) {
      return current.send([new Api.Pong({ msgId, pingId: object.pingId }).getBytes()])
    }
    if (object instanceof Api.GetFutureSalts) {
      const now = Math.floor(Date.now() / 1000)
      const salt = new Api.FutureSalt({ validSince: now, validUntil: now + 3600, salt: returnBigInt(authKey.salt) })
      return current.send([new Api.FutureSalts({ reqMsgId: msgId, now, salts: [salt] }).getBytes()])
    }
    const { request, refusal } = unwrap(object, current.session)
    const method = methodOf(request)
    state.received.push({ dc, method, ...phoneNumberOf(request) })
    const fault = takeFault(state, method)
    if (fault === 'hang') return reportDone(state, method)
    const result = await carryOut(authKey, request, refusal ?? faultRefusal(fault))
    reportDone(state, method)
    if (fault === 'drop') return socket.destroy()
    // The client takes the result of a call as its acknowledgement too; both go, the result last.
    const acknowledged = sequence % 2 === 1 ? [new Api.MsgsAck({ msgIds: [msgId] }).getBytes()] : []
    const reply = () => current.send([...acknowledged, rpcResult(messageId, result)])
    if (typeof fault === 'object' && 'delayMs' in fault) later(fault.delayMs, reply)
    else if (typeof fault === 'object' && 'until' in fault) void fault.until.then(reply)
    else reply()
  }

  /** Takes the connection's wrappers off a request. */
  function unwrap(object: unknown, session: Session): { request: unknown; refusal?: RpcRefusal } {
    if (object instanceof Api.InvokeWithLayer || object instanceof Api.InvokeWithoutUpdates) {
      return unwrap(object.query, session)
    }
    if (object instanceof Api.InitConnection) {
      if (object.apiId !== state.apiId) return { request: object.query, refusal: new RpcRefusal(400, 'API_ID_INVALID') }
      session.initialized = true
      return { request: object.query }
    }
    if (session.initialized) return { request: object }
    return { request: object, refusal: new RpcRefusal(400, 'CONNECTION_NOT_INITED') }
  }

  async function carryOut(authKey: AuthKey, request: unknown, refusal: RpcRefusal | undefined): Promise<RpcAnswer> {
    try {
      if (refusal) throw refusal
      return await answerRequest(state, authKey, request)
    } catch (error) {
      if (!(error instanceof RpcRefusal)) throw error
      return new Api.RpcError({ errorCode: error.code, errorMessage: error.message })
    }
  }
}

/** Message ids are time stamps: seconds in the upper half, ascending; the lowest bits say that a server answers. */
function messageIds() {
  let last = 0n
  return () => {
    const now = ((BigInt(Date.now()) << 32n) / 1000n) & ~3n
    last = now > last ? now : last + 4n
    return last | 1n
  }
}

/** What is wrong with a packet as such: its salt or the client's clock. */
function envelopeFault(authKey: AuthKey, { salt, messageId, sequence }: Envelope): Buffer | undefined {
  const bad = { badMsgId: returnBigInt(messageId), badMsgSeqno: sequence }
  if (salt !== authKey.salt) {
    return new Api.BadServerSalt({ ...bad, errorCode: 48, newServerSalt: returnBigInt(authKey.salt) }).getBytes()
  }
  const secondsAhead = Number(messageId >> 32n) - Date.now() / 1000
  const errorCode = messageId % 4n !== 0n ? 18 : secondsAhead < -300 ? 16 : secondsAhead > 30 ? 17 : undefined
  return errorCode && new Api.BadMsgNotification({ ...bad, errorCode }).getBytes()
}
