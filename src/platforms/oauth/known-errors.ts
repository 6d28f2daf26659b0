/**
 * The error codes that platforms are known to answer. Only these are logged and stored: anything else in that place may be a copy of what was
 * sent. Sources: RFC 6749, 7009, 6750, 8628 and OpenID Connect; https://developers.google.com/identity/protocols/oauth2/web-server and
 * https://google.aip.dev/193; https://docs.x.com/x-api/fundamentals/response-codes-and-errors
 */
const knownErrors: ReadonlySet<string> = new Set([
  ...['invalid_request', 'invalid_client', 'invalid_grant', 'unauthorized_client', 'unsupported_grant_type'],
  ...['invalid_scope', 'access_denied', 'unsupported_response_type', 'server_error', 'temporarily_unavailable'],
  ...['unsupported_token_type', 'invalid_token', 'insufficient_scope', 'invalid_redirect_uri', 'slow_down'],
  ...['interaction_required', 'login_required', 'consent_required', 'account_selection_required'],
  // Google's
  ...['admin_policy_enforced', 'deleted_client', 'disabled_client', 'disallowed_useragent', 'org_internal'],
  ...['redirect_uri_mismatch', 'rate_limit_exceeded', 'quota_exceeded', 'internal_failure', 'restricted_client'],
  ...['CANCELLED', 'UNKNOWN', 'INVALID_ARGUMENT', 'DEADLINE_EXCEEDED', 'NOT_FOUND', 'ALREADY_EXISTS', 'INTERNAL'],
  ...['PERMISSION_DENIED', 'UNAUTHENTICATED', 'RESOURCE_EXHAUSTED', 'FAILED_PRECONDITION', 'ABORTED', 'DATA_LOSS'],
  ...['OUT_OF_RANGE', 'UNIMPLEMENTED', 'UNAVAILABLE'],
  // Types of X's problem documents
  ...['client-forbidden', 'oauth1-permissions', 'unsupported-authentication', 'not-authorized-for-resource'],
  ...['not-authorized-for-field', 'resource-not-found', 'resource-unavailable', 'invalid-request', 'usage-capped'],
  ...['disallowed-resource', 'conflict'],
])

/** A known code, as it stands or as the end of a problem document's type; undefined for any other. */
export function knownError(said: unknown): string | undefined {
  if (typeof said !== 'string') return undefined
  const word = said.slice(said.lastIndexOf('/') + 1)
  return knownErrors.has(word) ? word : undefined
}
