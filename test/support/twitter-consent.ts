import { submitConsent } from './submit-consent.ts'

export const consentAtTwitter = (url: string, choice: { personId: string } | 'cancel'): Promise<URLSearchParams> =>
  submitConsent('X', url, choice)
