import { describe, expect, test } from 'vitest'
import { ConfigError, readConfig, settingNames } from '../src/config/config.ts'
import { type Env, examples } from './support/setting-examples.ts'

describe('no value is ever shown', () => {
  const secret = 'hunter2'
  const shown = (env: Env, readFile?: (path: string) => string) => {
    try {
      readConfig(env, readFile)
      return ''
    } catch (error) {
      if (!(error instanceof Error)) throw error
      return [error.message, error.stack, JSON.stringify(error), String(error.cause)].join()
    }
  }

  test.each(settingNames)('of %s', (name) => {
    const { with: others = {} } = examples[name] ?? {}
    for (const value of [
      secret,
      `${secret}:`,
      `mysql://me:${secret}@db`,
      `https://me:${secret}@ /`,
      `k1:${secret}`,
      `x,${secret}`,
      `\u0000${secret}`,
    ]) {
      expect(shown({ ...others, [name]: value })).not.toContain(secret)
      expect(shown({ ...others, [name]: '', [`${name}_FILE`]: '/a' }, () => value)).not.toContain(secret)
      expect(shown({ ...others, [name]: value, [`${name}_FILE`]: value }, () => value)).not.toContain(secret)
    }
  })

  test('that was given as the name of a file', () => {
    const env = { SECRET_KEYS_FILE: `k1:${secret}`, DATABASE_URL_FILE: `postgres://me:${secret}@db` }
    const readFile = (path: string) => {
      throw Object.assign(new Error(`ENOENT: no such file, open '${path}'`), { code: 'ENOENT', path })
    }
    expect(() => readConfig(env, readFile)).toThrow(ConfigError)
    expect(shown(env, readFile)).not.toContain(secret)
  })
})
