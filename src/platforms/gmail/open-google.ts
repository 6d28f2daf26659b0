import type { Call } from '../platform.ts'

type GoogleEndpoints = ReturnType<typeof googleEndpoints>

/** `baseUrl`: the host that has them all. Absent: Google's own. */
export function googleEndpoints(baseUrl?: string) {
  if (!baseUrl) {
    return {
      consent: 'https://accounts.google.com/o/oauth2/v2/auth',
      token: 'https://oauth2.googleapis.com/token',
      revoke: 'https://oauth2.googleapis.com/revoke',
      api: 'https://www.googleapis.com/',
    }
  }
  const base = baseUrl.replace(/\/+$/, '')
  return {
    consent: `${base}/o/oauth2/v2/auth`,
    token: `${base}/oauth2/token`,
    revoke: `${base}/oauth2/revoke`,
    api: `${base}/`,
  }
}

type Access = Call & { clientId: string; clientSecret: string; endpoints: GoogleEndpoints }

/** The library's clients for one call: all they do ends with its signal, is asked once, and is logged nowhere. */
export async function openGoogle({ clientId, clientSecret, endpoints, signal }: Access) {
  // The smallest module that has the OAuth client; the root would load every Google API.
  const { auth, oauth2_v2 } = await import('./library.ts')
  const client = new auth.OAuth2({
    clientId,
    clientSecret,
    endpoints: { oauth2TokenUrl: endpoints.token },
    // Its interceptors write tokens into debug logs.
    useAuthRequestParameters: false,
    transporterOptions: {
      signal,
      // Or the library brings node-fetch.
      fetchImplementation: fetch,
      // A redirect would carry the secret elsewhere.
      redirect: 'manual',
      // The library would ask up to four times; a code works once.
      retryConfig: { shouldRetry: () => false },
    },
  })
  return { client, oauth2: new oauth2_v2.Oauth2({ auth: client }) }
}
