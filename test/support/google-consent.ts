type Consent = { code: string; state: string; scope: string }

/**
 * What a person does in a browser with the sandbox's consent page: opens it, chooses who they are, unticks what isn't in
 * `scopes`, submits. Ends at the redirect, without following it.
 */
export async function consent(
  url: string,
  { person = 'ada@example.com', scopes }: { person?: string; scopes?: readonly string[] } = {},
): Promise<Consent> {
  const page = await fetch(url)
  const text = await page.text()
  if (!page.ok) throw new Error(`the consent page answered ${page.status}: ${text}`)
  const form = (text.match(/<form[\s\S]*?<\/form>/g) ?? []).find((each) => each.includes(`(${person})`))
  if (!form) throw new Error(`the consent page does not offer ${person}`)

  const fields = new URLSearchParams()
  for (const [input] of form.matchAll(/<input[^>]*>/g)) {
    const value = attribute(input, 'value')
    const unticked = attribute(input, 'type') === 'checkbox' && scopes && !scopes.includes(value)
    if (!unticked) fields.append(attribute(input, 'name'), value)
  }
  const answer = await fetch(url, {
    method: 'POST',
    body: fields,
    redirect: 'manual',
  })
  const location = answer.headers.get('location')
  if (!location) throw new Error(`the consent answered ${answer.status}: ${await answer.text()}`)
  const back = new URL(location).searchParams
  return { code: back.get('code') ?? '', state: back.get('state') ?? '', scope: back.get('scope') ?? '' }
}

function attribute(tag: string, name: string): string {
  const value = tag.match(new RegExp(` ${name}="([^"]*)"`))?.[1] ?? ''
  return value.replace(/&(quot|lt|gt|#39|amp);/g, (_, entity: string) => entities[entity] ?? '')
}

const entities: Record<string, string> = { quot: '"', lt: '<', gt: '>', '#39': "'", amp: '&' }
