/** `auth.SendCode` of the library is `auth.sendCode` in TL. */
export function methodOf(request: unknown): string {
  const name = typeof request === 'object' && request && 'className' in request ? String(request.className) : 'unknown'
  return name.replace(/(^|\.)([A-Z])/, (_all, before: string, letter: string) => before + letter.toLowerCase())
}

export function phoneNumberOf(request: unknown): { phoneNumber?: string } {
  if (typeof request !== 'object' || request === null || !('phoneNumber' in request)) return {}
  return { phoneNumber: String(request.phoneNumber) }
}
