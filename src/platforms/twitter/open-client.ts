import type { ITwitterApiBeforeRequestConfigHookArgs, TwitterApiOAuth2Init, TwitterApiTokens } from 'twitter-api-v2'
import type { Transport } from '../oauth/send.ts'
import { send } from '../oauth/send.ts'
import { readReply } from './answers.ts'

type Params = ITwitterApiBeforeRequestConfigHookArgs['params']
type Computed = { url: URL; method: string; headers: Record<string, string>; body?: string }

/**
 * The library's client for one call, which ends with `signal`. It builds and signs requests for Twitter's real addresses, as signatures
 * need; `send` carries them, because the library's own transport (node:https) takes neither a signal nor another address.
 * `credentials`: an app's, a user's with it, or a bearer token.
 * `hear` is told the headers of each success, which the library keeps to itself.
 */
export async function openClient(
  credentials: TwitterApiTokens | TwitterApiOAuth2Init | string,
  reach: TwitterReach,
  signal: AbortSignal,
  hear: (headers: Headers) => void = () => undefined,
) {
  const { TwitterApi } = await import('twitter-api-v2')
  const transport = {
    async onBeforeRequestConfig({ client, params }: ITwitterApiBeforeRequestConfigHookArgs) {
      const { url, method, headers, body } = computeRequest(client, params)
      const request = { method, headers, signal, ...(body !== undefined && { body }) }
      const reply = await send('Twitter', atBase(url, reach.baseUrl), request, reach)
      hear(reply.headers)
      return { data: readReply(url.pathname, reply.body), headers: Object.fromEntries(reply.headers) }
    },
  }
  const settings = { plugins: [transport] }
  if (typeof credentials === 'string') return new TwitterApi(credentials, settings)
  return 'appKey' in credentials ? new TwitterApi(credentials, settings) : new TwitterApi(credentials, settings)
}

function computeRequest(client: ITwitterApiBeforeRequestConfigHookArgs['client'], params: Params) {
  // Protected in the types only: it is the one way to a signed request that isn't sent yet.
  const { getHttpRequestArgs } = client as unknown as { getHttpRequestArgs(params: Params): Computed }
  // The token endpoints take forms; the library means to send them so, but mistakes them for JSON endpoints.
  const isForm = new URL(params.url).pathname.startsWith('/2/oauth2/')
  return getHttpRequestArgs.call(client, isForm ? { ...params, forceBodyMode: 'url' } : params)
}

/** Where Twitter is and how to get there. */
export type TwitterReach = Transport & {
  /** Puts every endpoint below one address (a stand-in); unset: Twitter itself. */
  readonly baseUrl?: string | undefined
}

/** The same path and query below `baseUrl`. */
export function atBase(address: string | URL, baseUrl: string | undefined) {
  const url = new URL(address)
  return baseUrl === undefined ? url : new URL(`${baseUrl.replace(/\/+$/, '')}${url.pathname}${url.search}`)
}
