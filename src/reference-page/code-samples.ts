import type { Component, Props, System } from 'swagger-ui-dist/swagger-ui-bundle.js'
import { createRemembered, uid } from './remembered.ts'

type Sample = { lang: string; label: string; source: string }

const language = createRemembered('shell', 'reference-language')

/** The API's address as this page sees it; the document's samples have an address of their own. */
const here = new URL('.', location.href)
const withAddress = (source: string) =>
  source
    .replaceAll('http://localhost:9000/v2', here.href.replace(/\/$/, ''))
    .replaceAll('Host: localhost:9000', `Host: ${here.host}`)

/** An operation's `x-codeSamples` as tabs; the language chosen in one is chosen in all. */
export function codeSamples({ React, specSelectors }: System): Component {
  const { createElement: h, useId, useState, useSyncExternalStore } = React

  return function CodeSamples({ path, method }: Props) {
    const id = useId()
    const [copied, setCopied] = useState('')
    const chosen = useSyncExternalStore(language.subscribe, language.read)
    const user = useSyncExternalStore(uid.subscribe, uid.read)
    const found = specSelectors.specJson().getIn(['paths', String(path), String(method), 'x-codeSamples'])
    const samples = (found?.toJS() ?? []) as Sample[]
    const shown = samples.find(({ lang }) => lang === chosen) ?? samples[0]
    if (!shown) return null
    const source = withAddress(shown.source).replaceAll('{user_id}', user || '{user_id}')

    const choose = (sample: Sample | undefined) => {
      if (!sample) return
      setCopied('')
      language.write(sample.lang)
      document.getElementById(`${id}${sample.lang}`)?.focus()
    }
    const onKeyDown = (event: KeyboardEvent) => {
      const next = nextIndex(event.key, samples.indexOf(shown), samples.length)
      if (next === undefined) return
      event.preventDefault()
      choose(samples[next])
    }
    const tab = (sample: Sample) =>
      h(
        'button',
        {
          key: sample.lang,
          type: 'button',
          role: 'tab',
          id: `${id}${sample.lang}`,
          'aria-selected': sample === shown,
          'aria-controls': `${id}panel`,
          tabIndex: sample === shown ? 0 : -1,
          onClick: () => choose(sample),
          onKeyDown,
        },
        sample.label,
      )
    const copy = () =>
      navigator.clipboard.writeText(source).then(
        () => setCopied('Copied'),
        () => setCopied('Select and copy it by hand'),
      )

    return h(
      'section',
      { className: 'code-samples' },
      h('div', { className: 'opblock-section-header' }, h('h4', null, 'Code samples')),
      h('div', { className: 'code-samples-tabs', role: 'tablist', 'aria-label': 'Language' }, ...samples.map(tab)),
      h(
        'div',
        {
          className: 'code-samples-panel',
          role: 'tabpanel',
          id: `${id}panel`,
          'aria-labelledby': `${id}${shown.lang}`,
        },
        h('pre', { tabIndex: 0 }, h('code', null, source)),
        h('p', null, h('button', { type: 'button', onClick: copy }, 'Copy'), h('span', { role: 'status' }, copied)),
      ),
    )
  }
}

/** Which tab a key leads to, as the ARIA practices have it. */
function nextIndex(key: string, index: number, count: number): number | undefined {
  if (key === 'ArrowRight') return (index + 1) % count
  if (key === 'ArrowLeft') return (index - 1 + count) % count
  if (key === 'Home') return 0
  if (key === 'End') return count - 1
  return undefined
}
