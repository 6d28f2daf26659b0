/**
 * What a browser does at a stand-in's consent page: opens it and submits a person's form, or the Cancel form. Where it is then sent.
 * `platform`: which one the page has to say that it isn't.
 */
export async function submitConsent(
  platform: string,
  url: string,
  choice: { personId: string } | 'cancel',
): Promise<URLSearchParams> {
  const page = await fetch(url)
  const text = await page.text()
  if (!page.ok) throw new Error(`the consent page answered ${page.status}`)
  if (!text.includes(`Sandbox, not ${platform}`)) throw new Error('the consent page does not say what it is')
  const forms = text.match(/<form[\s\S]*?<\/form>/g) ?? []
  const sign = choice === 'cancel' ? 'name="cancel"' : `value="${choice.personId}"`
  const field = forms.find((form) => form.includes(sign))?.match(/name="(\w+)" value="(\w+)"/)
  if (!field) throw new Error(`the consent page has no form with ${sign}`)
  const [, name = '', value = ''] = field
  const answer = await fetch(url, { method: 'POST', body: new URLSearchParams({ [name]: value }), redirect: 'manual' })
  return new URL(answer.headers.get('location') ?? '').searchParams
}
