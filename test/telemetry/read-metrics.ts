export type Sample = { name: string; labels: Readonly<Record<string, string>>; value: number }

/** Prometheus's text format, as much of it as these metrics use. */
export function readMetrics(text: string) {
  const samples: Sample[] = text.split('\n').flatMap((line) => {
    const [, name, labels = '', value] = /^([a-z_0-9]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
    if (name === undefined) return []
    const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, label = '', of = '']) => [label, of] as const)
    return [{ name, labels: Object.fromEntries(pairs), value: Number(value) }]
  })
  return {
    samples,
    /** The values of a metric by its labels, such as `login,200`, in the order of its labels. */
    byLabels: (name: string): Record<string, number> =>
      Object.fromEntries(
        samples
          .filter((sample) => sample.name === name)
          .map(({ labels, value }) => [Object.values(labels).join(), value]),
      ),
    /** Of a metric without labels; undefined where it isn't shown. */
    value: (name: string) => samples.find((sample) => sample.name === name)?.value,
  }
}
