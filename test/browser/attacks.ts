/** What an attack knows: where the API is, and more than an attacker can: the victim's uid and password. */
export type Target = { api: string; uid: string; password: string }

/** Runs in a page of the attacker's. What it could read, or '' if nothing; it ends when the browser has done all. */
type Attack = (target: Target) => Promise<string>

/** Self-contained, since each is sent to the page as text. */
export const attacks: Readonly<Record<string, Attack>> = {
  'reads by fetch with credentials': async ({ api, uid }) => {
    const read = (mode: RequestMode) =>
      fetch(`${api}/v2/users/${uid}/dashboard`, { credentials: 'include', mode }).then(
        (answer) => answer.text(),
        () => '',
      )
    return (await read('cors')) + (await read('no-cors'))
  },

  'reads by XMLHttpRequest': ({ api, uid }) =>
    new Promise((resolve) => {
      const request = new XMLHttpRequest()
      request.open('GET', `${api}/v2/users/${uid}/platforms`)
      request.withCredentials = true
      request.onloadend = () => resolve(request.responseText)
      request.send()
    }),

  'signs out by fetch without a body': async ({ api, uid }) => {
    const url = `${api}/v2/users/${uid}/logout`
    for (const mode of ['cors', 'no-cors'] as const)
      await fetch(url, { method: 'POST', credentials: 'include', mode }).catch(() => undefined)
    return ''
  },

  'changes the password by fetch, with types that need no preflight and with one that does': async ({
    api,
    uid,
    password,
  }) => {
    const body = JSON.stringify({ password, new_password: 'a passphrase of the thief' })
    let read = ''
    for (const type of [
      'text/plain',
      'text/plain;application/json',
      'application/x-www-form-urlencoded',
      'application/json',
    ])
      read += await fetch(`${api}/v2/users/${uid}/password`, {
        method: 'POST',
        credentials: 'include',
        headers: { 'Content-Type': type },
        body,
      }).then(
        (answer) => answer.text(),
        () => '',
      )
    return read
  },

  'deletes the account by fetch': ({ api, uid, password }) =>
    fetch(`${api}/v2/users/${uid}`, {
      method: 'DELETE',
      credentials: 'include',
      body: JSON.stringify({ password }),
    }).then(
      (answer) => answer.text(),
      () => '',
    ),

  'begins to save a platform by a beacon': async ({ api, uid }) => {
    navigator.sendBeacon(`${api}/v2/users/${uid}/platforms/gmail/protocols/oauth2`)
    navigator.sendBeacon(`${api}/v2/users/${uid}/logout`, '{}')
    // Beacons tell nothing; what is asked for after them is answered after them.
    await fetch(`${api}/public/gmail.svg`, { mode: 'no-cors' })
    return ''
  },

  'posts through a redirect of its own': ({ api, uid }) =>
    fetch(`/?to=${encodeURIComponent(`${api}/v2/users/${uid}/logout`)}`, {
      method: 'POST',
      credentials: 'include',
    }).then(
      (answer) => answer.text(),
      () => '',
    ),

  'posts forms, one of them JSON in disguise, into a frame': async ({ api, uid, password }) => {
    const frame = document.createElement('iframe')
    frame.name = 'target'
    document.body.append(frame)
    const post = (path: string, fields: Record<string, string>, referrer: string) =>
      new Promise<void>((resolve) => {
        const form = document.createElement('form')
        Object.assign(form, { method: 'POST', action: api + path, target: 'target', enctype: 'text/plain' })
        for (const [name, value] of Object.entries(fields))
          form.append(Object.assign(document.createElement('input'), { name, value }))
        document.body.append(
          Object.assign(document.createElement('meta'), { name: 'referrer', content: referrer }),
          form,
        )
        frame.onload = () => resolve()
        form.submit()
      })
    const disguised = { [`{"password":"${password}","new_password":"a passphrase of the thief","a":"`]: '"}' }
    for (const referrer of ['no-referrer', 'unsafe-url']) {
      await post(`/v2/users/${uid}/logout`, {}, referrer)
      await post(`/v2/users/${uid}/password`, disguised, referrer)
    }
    try {
      return frame.contentDocument?.body.textContent ?? ''
    } catch {
      return ''
    }
  },

  'posts from a frame without an origin': ({ api, uid }) =>
    new Promise((resolve) => {
      addEventListener('message', ({ data }) => resolve(data), { once: true })
      const script = `fetch('${api}/v2/users/${uid}/logout', { method: 'POST', credentials: 'include' })
        .then((answer) => answer.text(), () => '').then((text) => parent.postMessage(text, '*'))`
      document.body.append(
        Object.assign(document.createElement('iframe'), {
          sandbox: 'allow-scripts',
          srcdoc: `<script>${script}</script>`,
        }),
      )
    }),

  'loads answers as scripts, images, styles and objects': async ({ api, uid }) => {
    const paths = [`/v2/users/${uid}/dashboard`, '/v2/openapi.json', '/v2/nowhere']
    const load = (tag: string, address: string, url: string) =>
      new Promise<string>((resolve) => {
        const element = document.createElement(tag)
        element.onload = () => resolve(`${tag} ${url}`)
        element.onerror = () => resolve('')
        Object.assign(element, { [address]: url, rel: 'stylesheet' })
        document.head.append(element)
      })
    const loads = paths.flatMap((path) => [
      load('script', 'src', api + path),
      load('img', 'src', api + path),
      load('link', 'href', api + path),
    ])
    return (await Promise.all(loads)).join('')
  },

  'shows answers in a frame': async ({ api, uid }) => {
    let read = ''
    for (const path of [`/v2/users/${uid}/dashboard`, '/v2/openapi.json', '/public/gmail.svg']) {
      const frame = document.createElement('iframe')
      await new Promise((resolve) => {
        frame.onload = resolve
        frame.src = api + path
        document.body.append(frame)
      })
      try {
        read += frame.contentDocument?.body?.textContent ?? ''
      } catch {
        // Another origin's: an error page of the browser's own.
      }
    }
    return read
  },

  'opens a window and looks into it': async ({ api, uid }) => {
    const opened = open(`${api}/v2/users/${uid}/dashboard`)
    // Ends when the browser has cut the two apart, or the window has another document.
    for (let tries = 0; tries < 200 && opened && !opened.closed; tries++) {
      try {
        if (opened.location.href !== 'about:blank') return opened.document.body.textContent ?? ''
      } catch {
        return ''
      }
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    return ''
  },

  'opens a web socket': ({ api, uid }) =>
    new Promise((resolve) => {
      const socket = new WebSocket(`${api.replace('http', 'ws')}/v2/users/${uid}/dashboard`)
      socket.onopen = () => resolve('open')
      socket.onerror = () => resolve('')
    }),
}
