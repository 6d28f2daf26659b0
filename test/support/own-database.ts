import { randomBytes } from 'node:crypto'
import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import postgres from 'postgres'
import { onTestFinished } from 'vitest'
import { Person, randomPhoneNumber } from './person.ts'
import { smsWebhookServer } from './sms-webhook-server.ts'
import { startServer } from './start-server.ts'

type Server = Awaited<ReturnType<typeof startServer>>

/** Servers that share the embedded Postgres of a folder, and people who use them over HTTP. All end with the test. */
export async function openOwnDatabase(folder: string) {
  const SECRET_KEYS = `own:${randomBytes(32).toString('base64')}`
  const sms = await smsWebhookServer()
  onTestFinished(() => sms.close())
  const data = join(folder, 'postgres', 'data')
  const readPidFile = async () => (await readFile(join(data, 'postmaster.pid'), 'utf8')).split('\n')
  return {
    sms,
    async start(): Promise<Server> {
      const server = await startServer({
        DATA_DIR: folder,
        SECRET_KEYS,
        SANDBOX: 'false',
        SMS_PROVIDER: 'webhook',
        SMS_WEBHOOK_URL: sms.url,
        SMS_WEBHOOK_SECRET: sms.secret,
      })
      onTestFinished(async () => {
        await server.end('SIGTERM')
      })
      return server
    },
    person: (server: Server) =>
      new Person(
        {
          fetch: (input, init) => {
            const request = new Request(input, init)
            return fetch(new Request(server.url + new URL(request.url).pathname, request))
          },
          phone: { lastCodeTo: (number) => sms.codeFor(number) ?? '' },
        },
        { phoneNumber: randomPhoneNumber() },
      ),
    postmaster: async () => {
      const [pid, , , port] = await readPidFile()
      return { pid: Number(pid), port: Number(port) }
    },
    isStopped: () =>
      access(join(data, 'postmaster.pid')).then(
        () => false,
        () => true,
      ),
    /** As its superuser, past the server. */
    async query(text: string) {
      const [, , , port] = await readPidFile()
      const password = await readFile(join(folder, 'postgres', 'password'), 'utf8')
      const sql = postgres(`postgres://postgres:${password}@127.0.0.1:${port}/postgres`, { max: 1 })
      try {
        return await sql.unsafe(text)
      } finally {
        await sql.end({ timeout: 1 })
      }
    },
  }
}
