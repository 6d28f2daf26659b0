import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Asset } from '../../api/api-env.ts'

/** Reads the files of a folder, each once. The caller knows their names: nothing here keeps a name inside the folder. */
export function openAssets(folder: string): (name: string) => Promise<Asset | undefined> {
  const opened = new Map<string, Promise<Asset | undefined>>()
  return (name) => {
    const asset = opened.get(name) ?? openAsset(join(folder, name))
    opened.set(name, asset)
    return asset
  }
}

async function openAsset(path: string): Promise<Asset | undefined> {
  const content = await readFile(path).catch(() => undefined)
  if (!content) return undefined
  const body = Uint8Array.from(content)
  const tag = createHash('sha256').update(body).digest('hex').slice(0, 16)
  return { body, gzip: Uint8Array.from(await promisify(gzip)(body)), tag }
}
