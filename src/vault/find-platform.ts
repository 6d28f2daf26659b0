import { RefusedError } from '../errors.ts'
import type { Platform } from '../platforms/platform.ts'
import type { Services } from '../services.ts'

export type PlatformPath = { platform: string; protocol: string }

export function findPlatform(
  { platforms }: Pick<Services, 'platforms'>,
  { platform: name, protocol }: PlatformPath,
): Platform {
  const platform = platforms.get(name)
  if (platform?.protocol !== protocol)
    throw new RefusedError('not_found', 'this server does not offer this platform with this protocol')
  return platform
}
