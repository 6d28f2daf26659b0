import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { api } from '../../src/api/app.ts'
import { buildDocument } from '../../src/api/openapi/build-document.ts'

type Answer = { headers?: Record<string, unknown>; content: Record<string, { schema: object }> }
type Paths = Record<string, Record<string, { responses: Record<string, Answer> }>>

export const document = buildDocument(api.routes, { server: '/v2' })

/** What stands on any HTTP answer, or says how a browser may use it, needs no word in the document. */
const ordinaryHeaders =
  /^(content-(type|length|security-policy)|date|connection|keep-alive|transfer-encoding|vary|cache-control|access-control-.*|cross-origin-.*|x-(content-type-options|dns-prefetch-control|download-options|frame-options|permitted-cross-domain-policies|xss-protection)|origin-agent-cluster|referrer-policy|permissions-policy|strict-transport-security)$/

/** How many answers were checked, by operation and status. */
export type Coverage = Map<string, number>

/** Compares answers with an API document. `check` throws at the first that the document doesn't declare just so. */
export function createDocumentCheck(paths: Paths) {
  const ajv = new Ajv2020({ strict: false })
  addFormats.default(ajv)
  ajv.addSchema({ $id: 'document', components: document.components })
  const validators = new Map<object, ValidateFunction>()
  const templates = Object.keys(paths).map((path) => ({
    path,
    pattern: new RegExp(`^/v2${path.replace(/\{\w+\}/g, '[^/]+')}$`),
  }))
  const coverage: Coverage = new Map()

  function validator(schema: object): ValidateFunction {
    const known = validators.get(schema)
    if (known) return known
    const absolute = JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"document#/components'))
    const made = ajv.compile(absolute)
    validators.set(schema, made)
    return made
  }

  return {
    coverage,
    /** Answers to requests that are no operation (unknown paths, other methods) are not the document's matter. */
    async check({ method, url }: Request, response: Response): Promise<void> {
      const { pathname } = new URL(url)
      const template = templates.find(({ pattern }) => pattern.test(pathname))
      const operation = template && paths[template.path]?.[method.toLowerCase()]
      if (!template || !operation) return
      const name = `${method} ${template.path} ${response.status}`
      const answer = operation.responses[response.status]
      if (!answer) throw new Error(`${name} is not in the API document`)
      const type = response.headers.get('Content-Type')?.split(';')[0] ?? ''
      const content = answer.content[type]
      if (!content) throw new Error(`${name} as ${type} is not in the API document`)
      const body: unknown = await response.clone().json()
      const validate = validator(content.schema)
      if (!validate(body))
        throw new Error(`${name} has another body than the API document says: ${ajv.errorsText(validate.errors)}`)
      const declared = Object.keys(answer.headers ?? {}).map((header) => header.toLowerCase())
      for (const header of response.headers.keys()) {
        if (!ordinaryHeaders.test(header) && !declared.includes(header))
          throw new Error(`${name}: the API document does not declare ${header}`)
      }
      if (declared.includes('retry-after') && !response.headers.has('retry-after'))
        throw new Error(`${name} lacks Retry-After`)
      coverage.set(name, (coverage.get(name) ?? 0) + 1)
    },
  }
}

export const documentCheck = createDocumentCheck(document.paths as Paths)
