import { newKey } from '../development-keys.ts'

process.stdout.write(`${newKey()}\n`)
