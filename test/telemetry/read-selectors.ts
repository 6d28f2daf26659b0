import type { Sample } from './read-metrics.ts'

type Matcher = { label: string; operator: '=' | '!=' | '=~' | '!~'; value: string }
export type Selector = { text: string; name: string; matchers: Matcher[] }

/** What Prometheus itself puts on each sample. */
const ofPrometheus: ReadonlySet<string> = new Set(['instance', 'job'])

/** The selectors of PromQL, whether it stands in JSON, in YAML or alone: of this server's metrics and of its process's. */
export function readSelectors(text: string): Selector[] {
  const plain = text.replaceAll('\\"', '"')
  return [...plain.matchAll(/\b((?:swob|process|nodejs)_[a-z_0-9]+)\b(?:\{([^}]*)\})?/g)].map(
    ([whole, name = '', inner = '']) => ({
      text: whole,
      name,
      matchers: [...inner.matchAll(/(\w+)(=~|!~|!=|=)"([^"]*)"/g)].map(([, label = '', operator, value = '']) => ({
        label,
        operator: operator as Matcher['operator'],
        value,
      })),
    }),
  )
}

/** The labels that PromQL groups by, and those that an alert's texts show. */
export function readLabels(text: string): string[] {
  const grouped = [...text.matchAll(/\b(?:by|without) \(([^)]*)\)/g)].flatMap(([, labels = '']) =>
    labels.split(',').map((label) => label.trim()),
  )
  const shown = [...text.matchAll(/\{\{ ?(?:\$labels\.)?(\w+) ?\}\}/g)].map(([, label = '']) => label)
  return [...grouped, ...shown].filter((label) => label !== '' && !ofPrometheus.has(label))
}

/** Whether something that was seen is what a selector looks for. */
export const finds = ({ name, matchers }: Selector, samples: readonly Sample[]): boolean =>
  samples.some(
    (sample) =>
      sample.name === name &&
      matchers
        .filter(({ label }) => !ofPrometheus.has(label))
        .every(({ label, operator, value }) => {
          const seen = sample.labels[label]
          if (seen === undefined) return false
          const isIt = operator.includes('~') ? new RegExp(`^(?:${value})$`).test(seen) : seen === value
          return operator.startsWith('!') ? !isIt : isIt
        }),
  )
