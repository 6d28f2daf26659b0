import type { Services } from '../services.ts'

/** The uid that a recovery shows for a number, whether it has an account or not (HIDE_ACCOUNTS): it looks like any other (UUID version 4). */
export async function decoyUserId({ blindIndex }: Pick<Services, 'blindIndex'>, phoneNumber: string): Promise<string> {
  const hash = await blindIndex.of('decoy', phoneNumber)
  const bytes = Uint8Array.from(atob(hash.replaceAll('-', '+').replaceAll('_', '/')).slice(0, 16), (byte) =>
    byte.charCodeAt(0),
  )
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  const variant = '89ab'[Number.parseInt(hex[16] ?? '0', 16) % 4]
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
