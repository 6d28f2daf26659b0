import { parseAst } from 'vitest/node'

export type Import = {
  specifier: string
  /** `dynamic`: loaded when that line is reached; `type`: not loaded at all. */
  kind: 'static' | 'dynamic' | 'type'
}

type Node = Readonly<Record<string, unknown>> & { type: string }

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && 'type' in value

/** What a module imports, however it's written, and which names it uses that it doesn't get as a property of something. */
export function readModule(path: string, source: string): { imports: Import[]; names: ReadonlySet<string> } {
  const imports: Import[] = []
  const names = new Set<string>()
  const rest: unknown[] = [parseAst(source, { lang: path.endsWith('.d.ts') ? 'dts' : 'ts' })]
  while (rest.length > 0) {
    const node = rest.pop()
    if (Array.isArray(node)) rest.push(...node)
    if (!isNode(node)) continue
    const found = importOf(node)
    if (found) imports.push(found)
    if (node.type === 'Identifier') names.add(String(node.name))
    for (const [field, inner] of Object.entries(node)) if (!isPropertyName(node, field)) rest.push(inner)
  }
  return { imports, names }
}

function importOf(node: Node): Import | undefined {
  const specifier = isNode(node.source) ? String(node.source.value ?? '(computed)') : undefined
  if (specifier === undefined) return undefined
  if (node.type === 'ImportExpression') return { specifier, kind: 'dynamic' }
  if (node.type === 'TSImportType') return { specifier, kind: 'type' }
  return { specifier, kind: isOnlyTypes(node) ? 'type' : 'static' }
}

function isOnlyTypes(node: Node): boolean {
  if (node.importKind === 'type' || node.exportKind === 'type') return true
  const names = Array.isArray(node.specifiers) ? node.specifiers : []
  return names.length > 0 && names.every((name) => name.importKind === 'type' || name.exportKind === 'type')
}

const isPropertyName = ({ type, computed }: Node, field: string) =>
  computed !== true &&
  ((type === 'MemberExpression' && field === 'property') ||
    (/^(Property|PropertyDefinition|MethodDefinition|TS\w+Signature)$/.test(type) && field === 'key'))
