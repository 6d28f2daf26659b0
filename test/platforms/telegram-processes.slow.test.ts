import { spawn } from 'node:child_process'
import { connect, createServer } from 'node:net'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { startTelegram, type TelegramSandbox } from '../../src/sandbox/telegram/start-telegram.ts'
import { telegramCode, telegramPassword } from '../../src/sandbox/telegram/well-known-accounts.ts'
import type { Step } from './telegram/run-step.ts'

const twoStep = '+12025550102'

/** Takes a step in a new process, which has to end by itself. */
async function inNewProcess(step: Step) {
  const script = fileURLToPath(new URL('./telegram/run-step.ts', import.meta.url))
  const child = spawn(process.execPath, ['--experimental-strip-types', '--no-warnings', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  child.stdin.end(JSON.stringify(step))
  const exit = new Promise((resolve) => child.once('exit', resolve))
  const output = JSON.parse(await text(child.stdout))
  expect(await exit).toBe(0)
  return output
}

const optionsFor = ({ apiId, apiHash, servers, publicKey }: TelegramSandbox): Step['options'] => ({
  apiId,
  apiHash,
  servers,
  publicKey,
})

describe('Telegram, each step in a process of its own', () => {
  let sandbox: TelegramSandbox
  let options: Step['options']

  beforeAll(async () => {
    sandbox = await startTelegram()
    options = optionsFor(sandbox)
  })
  afterAll(() => sandbox.close())

  test('the code, the sign-in, the two-step password and the log-out need nothing but what the step before returned', async () => {
    const started = await inNewProcess({ options, action: 'start', phoneNumber: twoStep })
    expect(started).toMatchObject({ result: { codeSent: true }, open: [] })

    const { pending } = started.result
    const signedIn = await inNewProcess({
      options,
      action: 'finish',
      pending,
      reply: { phoneNumber: twoStep, code: telegramCode },
    })
    expect(signedIn).toMatchObject({ result: { needs: 'password' }, open: [] })

    const proven = await inNewProcess({
      options,
      action: 'password',
      pending: signedIn.result.pending,
      reply: { password: telegramPassword },
    })
    expect(proven).toMatchObject({ result: { grant: { profile: { first_name: 'Grace' } } }, open: [] })

    const { grant } = proven.result
    expect(await inNewProcess({ options, action: 'isLive', grant })).toEqual({ result: true, open: [] })
    expect(await inNewProcess({ options, action: 'revoke', grant })).toEqual({ open: [] })
    expect(await inNewProcess({ options, action: 'isLive', grant })).toEqual({ result: false, open: [] })
  })

  test('a request without an answer leaves nothing open', async () => {
    sandbox.next('auth.sendCode', 'hang')
    const step = { options, action: 'start', phoneNumber: '+12025550101', timeoutMilliseconds: 500 } as const
    expect(await inNewProcess(step)).toEqual({
      error: 'UnavailableError',
      message: 'Telegram is unavailable',
      open: [],
    })
  })

  test('a dropped connection leaves nothing open', async () => {
    // Of its own: on a busy machine the test before may end without having met its fault.
    const dropping = await startTelegram()
    onTestFinished(dropping.close)
    dropping.next('auth.sendCode', 'drop')
    const step = { options: optionsFor(dropping), action: 'start', phoneNumber: '+12025550101' } as const
    expect(await inNewProcess(step)).toMatchObject({ error: 'UnavailableError', open: [] })
  })

  test('a server that accepts and says nothing leaves nothing open', async () => {
    const silent = createServer((socket) => socket.resume())
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const address = silent.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const servers = [{ dc: 2, host: '127.0.0.1', port }]
    const step = {
      options: { ...options, servers },
      action: 'start',
      phoneNumber: '+12025550101',
      timeoutMilliseconds: 500,
    } as const
    expect(await inNewProcess(step)).toMatchObject({ error: 'UnavailableError', open: [] })
    silent.close()
  })

  test('a dial that nobody takes leaves nothing open', async () => {
    const { port, close } = await listenAsleep()
    const servers = [{ dc: 2, host: '127.0.0.1', port }]
    const step = {
      options: { ...options, servers },
      action: 'start',
      phoneNumber: '+12025550101',
      timeoutMilliseconds: 500,
    } as const
    expect(await inNewProcess(step)).toMatchObject({ error: 'UnavailableError', open: [] })
    await close()
  })
})

/** A port whose listener never accepts, with its queue full, so that the kernel leaves further dials unanswered. */
async function listenAsleep() {
  const asleep = `
    const { parentPort } = require('node:worker_threads')
    const server = require('node:net').createServer()
    server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
      parentPort.postMessage(server.address().port)
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
    })`
  const worker = new Worker(asleep, { eval: true })
  const port = await new Promise<number>((resolve) => worker.once('message', resolve))
  const queued = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')]
  for (const socket of queued) socket.on('error', () => socket.destroy())
  await Promise.all(queued.map((socket) => new Promise((resolve) => socket.once('connect', resolve))))
  return {
    port,
    async close() {
      for (const socket of queued) socket.destroy()
      await worker.terminate()
    },
  }
}
