import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

// On a Node older than 20.19, npm silently skips the native parts of Vitest and other tools: they are optional packages whose `engines` ask for
// more. It can't know that they run on the newer Node that it has just installed. So that one installs what is missing.
const [, major, minor] = / node\/v(\d+)\.(\d+)/.exec(process.env.npm_config_user_agent ?? '') ?? []
const installed = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url))
const isOld = Number(major) < 20 || (Number(major) === 20 && Number(minor) < 19)
if (isOld && process.env.npm_execpath && existsSync(installed)) {
  const options = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  const { status } = spawnSync(installed, [process.env.npm_execpath, 'install', ...options], { stdio: 'inherit' })
  process.exitCode = status ?? 1
}
