import { execFile, execFileSync } from 'node:child_process'
import { appendFile, chmod, cp, mkdtemp, readdir, readlink, rm, symlink, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { fetchAt } from '../support/fetch-at.ts'
import { openSurroundings } from '../support/open-surroundings.ts'
import { Person, randomPhoneNumber } from '../support/person.ts'
import { type ServedFolder, serveIn } from '../support/serve-in.ts'

const entry = 'dist/node/node.js'
/** Builds, and servers that start. */
const patient = { timeout: 600_000 }

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'swob-release-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await chmod(folder, 0o755)
  return folder
}

type Around = Awaited<ReturnType<typeof openSurroundings>>

async function openAround(): Promise<Around> {
  const around = await openSurroundings()
  onTestFinished(around.close)
  return around
}

const personAt = (around: Around, { url }: ServedFolder, phoneNumber = randomPhoneNumber()) =>
  new Person({ fetch: fetchAt(url), phone: around.phone }, { phoneNumber })

const orderly = { code: 0, complaints: '', output: expect.stringMatching(/stopped\n$/) }

test('a release is put beside the one that serves, is switched to at a restart, and back again', patient, async () => {
  const [folder, data] = [await newFolder(), await newFolder()]
  const around = await openAround()
  const env = { ...around.settings, DATA_DIR: data }
  const [current, node] = [join(folder, 'current'), join(folder, 'current/node_modules/node/bin/node')]
  const again = () => promisify(execFile)(process.execPath, ['scripts/release.js', folder])

  const { stdout } = await promisify(execFile)('npm', ['run', '--silent', 'release', '--', folder])
  expect(stdout).toContain('Restart the service')
  const first = await readlink(current)
  const old = await serveIn(current, [node, entry], env)
  await again()
  expect(await readlink(current)).not.toBe(first)
  // What it loads when first used is still there: the check of new passwords, and Google's library.
  const ada = personAt(around, old)
  await ada.signUp()
  expect((await ada.logIn()).status).toBe(200)
  await ada.connectGmail()
  expect(await old.end()).toMatchObject(orderly)

  const next = await serveIn(current, [node, entry], env)
  const moved = Object.assign(personAt(around, next, ada.phoneNumber), { uid: ada.uid, cookie: ada.cookie })
  expect(await moved.savedPlatforms()).toEqual(['gmail'])
  const envFile = join(data, 'api.env')
  const { SECRET_KEYS } = around.settings
  await writeFile(envFile, `DATA_DIR=${data}\nSECRET_KEYS=${SECRET_KEYS}\n`, { mode: 0o600 })
  const audit = execFileSync(join(current, 'swob'), ['audit', '--user', ada.uid], {
    env: { ...process.env, ENV_FILE: envFile },
    encoding: 'utf8',
    cwd: '/',
  })
  expect(
    audit
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).event),
  ).toContain('grant_save')
  expect(await next.end()).toMatchObject(orderly)

  await unlink(current)
  await symlink(first, current)
  const back = await serveIn(current, [node, entry], env)
  expect((await personAt(around, back, ada.phoneNumber).logIn(ada.password)).status).toBe(200)
  expect(await back.end()).toMatchObject(orderly)

  for (let more = 0; more < 3; more++) await again()
  expect(await readdir(join(folder, 'releases'))).toHaveLength(4)
})

test(
  'a server goes on, and ends in order, while its own folder is built anew and its packages are away',
  patient,
  async () => {
    const [folder, data] = [await newFolder(), await newFolder()]
    for (const path of ['src', 'drizzle', 'scripts', 'package.json'])
      await cp(path, join(folder, path), { recursive: true })
    await symlink(resolve('node_modules'), join(folder, 'node_modules'))
    const build = () => execFileSync('npm', ['run', '--silent', 'build'], { cwd: folder, stdio: 'inherit' })
    build()
    const around = await openAround()
    const server = await serveIn(folder, [process.execPath, entry], { ...around.settings, DATA_DIR: data })
    // Every file that holds it gets another name.
    await appendFile(join(folder, 'src/errors.ts'), "\nglobalThis.name = 'another build'\n")
    build()
    await unlink(join(folder, 'node_modules'))
    const ada = personAt(around, server)
    await ada.signUp()
    expect((await ada.logIn()).status).toBe(200)
    await ada.connectGmail()
    expect(await server.end()).toMatchObject(orderly)
  },
)
