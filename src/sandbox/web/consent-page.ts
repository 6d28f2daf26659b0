import { html } from 'hono/html'

export type Person = { readonly id: string; readonly name: string; readonly username: string }

const styles =
  'body{font:1.1rem system-ui;max-width:32rem;margin:3rem auto;padding:0 1rem}button{font:inherit;margin:.3rem 0}'

/**
 * One form for each person who can allow the app, and one to cancel; each posts to the page's own address.
 * `platform`: which one this isn't. `refusable`: permissions that a person may refuse and allow the rest.
 */
export function consentPage(
  platform: string,
  people: readonly Person[],
  permissions: string,
  refusable: readonly string[] = [],
) {
  const boxes = refusable.map(
    (permission) =>
      html`<label><input type="checkbox" name="granted" value="${permission}" checked /> ${permission}</label>`,
  )
  return page(
    platform,
    html`<p>An app asks to act for you: <b>${permissions}</b></p>
      ${people.map(
        ({ id, name, username }) =>
          html`<form method="post">
            <input type="hidden" name="person" value="${id}" />
            ${boxes}
            <button>Authorize app as ${name} (${username})</button>
          </form>`,
      )}
      <form method="post"><button name="cancel" value="yes">Cancel</button></form>`,
  )
}

/** What a person sees whose request can't be answered: never a way back to the app, whose address may be forged. */
export function errorPage(platform: string, problem: string) {
  return page(platform, html`<p>You can't give access to the app: ${problem}. Go back to it and start again.</p>`)
}

function page(platform: string, content: ReturnType<typeof html>) {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <link rel="icon" href="data:," />
        <title>Sandbox, not ${platform}</title>
        <style>
          ${styles}
        </style>
      </head>
      <body>
        <h1>Sandbox, not ${platform}</h1>
        ${content}
      </body>
    </html>`
}
