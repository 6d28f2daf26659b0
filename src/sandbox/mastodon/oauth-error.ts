import type { Context } from 'hono'

/** What Mastodon says to each OAuth refusal, in English. */
export const descriptions = {
  access_denied: 'The resource owner or authorization server denied the request.',
  invalid_client:
    'Client authentication failed due to unknown client, no client authentication included, or unsupported authentication method.',
  invalid_grant:
    'The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in the authorization request, or was issued to another client.',
  unauthorized_client: 'You are not authorized to revoke this token',
  unsupported_grant_type: 'The authorization grant type is not supported by the authorization server.',
}

const statuses = { access_denied: 401, invalid_client: 401, unauthorized_client: 403 } as const

export function oauthError(c: Context, error: keyof typeof descriptions) {
  const status = error in statuses ? statuses[error as keyof typeof statuses] : 400
  return c.json({ error, error_description: descriptions[error] }, status)
}

export function missingParameter(c: Context, name: string) {
  return c.json({ error: 'invalid_request', error_description: `Missing required parameter: ${name}.` }, 400)
}
