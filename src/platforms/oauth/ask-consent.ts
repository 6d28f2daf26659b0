import { generateCodeVerifier, generateState, OAuth2Client } from 'oslo/oauth2'

type Consent = {
  readonly clientId: string
  /** The platform's page where people agree. */
  readonly page: string
  readonly redirectUri: string
  readonly scopes: readonly string[]
}

/** Where an OAuth 2 platform asks people to agree, with state and PKCE (S256); `takeCode` reads the same `pending`. */
export async function askConsent({ clientId, page, redirectUri, scopes }: Consent) {
  const state = generateState()
  const codeVerifier = generateCodeVerifier()
  // The token endpoint stays unused: the library's own exchange takes no signal.
  const client = new OAuth2Client(clientId, page, '', { redirectURI: redirectUri })
  const url = await client.createAuthorizationURL({ state, codeVerifier, scopes: [...scopes] })
  return { url, codeVerifier, pending: { state, codeVerifier, redirectUri } }
}
