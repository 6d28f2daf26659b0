import { uid } from './remembered.ts'

/** What a platform sends people back with that the API wants to know. */
const names = ['code', 'state', 'oauth_token', 'oauth_verifier', 'scope']

const say = (text: string) => {
  const shown = document.getElementById('result')
  if (shown) shown.textContent = text
}

void finish()

/** Finishes what began on the reference's page in this browser. Who began elsewhere is shown the request that finishes it. */
async function finish(): Promise<void> {
  const query = new URLSearchParams(location.search)
  const [, platform = '', protocol = ''] = /^\/platforms\/([\w-]+)\/protocols\/([\w-]+)\//.exec(location.pathname) ?? []
  const reply = Object.fromEntries(names.flatMap((name) => (query.get(name) ? [[name, query.get(name)]] : [])))
  // Nobody else needs it, and it works only once.
  history.replaceState(null, '', location.pathname)
  if (!reply.code && !reply.oauth_verifier)
    return say(`${platform} sent you back without a permission: it was declined.`)
  const path = (user: string) => `/v2/users/${user}/platforms/${platform}/protocols/${protocol}`
  const body = JSON.stringify(reply)
  const user = uid.read()
  const answer = user
    ? await fetch(path(encodeURIComponent(user)), {
        method: 'PUT',
        headers: { 'Content-Type': 'application/json' },
        body,
      }).catch(() => undefined)
    : undefined
  if (answer?.ok) return say(`${platform} is saved. You can close this page.`)
  const command = `curl -X PUT -b "$cookies" -c "$cookies" -H 'Content-Type: application/json' -d '${body.replaceAll("'", "'\\''")}' "${location.origin}${path('$uid')}"`
  say(`This browser isn't where it began. In the terminal where it did, this saves ${platform}:\n\n${command}`)
}
