import openSwaggerUi, {
  type Component,
  type Node,
  type Plugin,
  type Props,
  type System,
  type Tree,
} from 'swagger-ui-dist/swagger-ui-bundle.js'
import { codeSamples } from './code-samples.ts'
import { uid } from './remembered.ts'

const nothing: Component = () => null

const reference: Plugin = (system) => {
  const { createElement: h } = system.React
  const Samples = codeSamples(system)
  return {
    components: {
      // The session cookie is HttpOnly: the browser keeps it, nobody types it in.
      authorizeBtn: nothing,
      authorizeOperationBtn: nothing,
      // The samples stand in its place, and keep the session.
      curl: nothing,
      // There is one server: the one that serves this page.
      ServersContainer: nothing,
      // The same few on every answer; the live answer shows its own.
      headers: nothing,
      // In place of a link, which inside the button that opens the operation no keyboard reaches.
      DeepLink: ({ text }) => h('span', null, text as Node),
    },
    wrapComponents: {
      TextArea: (Original) => (props: Props) => h(Original, { 'aria-label': 'Request body', ...props }),
      ExamplesSelect: (Original) => (props: Props) => h('div', { ref: nameSelect }, h(Original, props)),
      responses: (Original) => (props: Props) =>
        h('div', null, h(Samples, { path: props.path, method: props.method }), h(Original, props)),
      // All refusals have the same two bodies: what tells them apart is one line.
      response: (Original) => (props: Props) => {
        const code = String(props.code)
        if (!/^[45]/.test(code)) return h(Original, props)
        const description = (props.response as Tree).getIn(['description'])
        return h(
          'tr',
          { className: 'response', 'data-code': code },
          h('td', { className: 'response-col_status' }, code),
          h('td', { className: 'response-col_description' }, String(description)),
        )
      },
    },
  }
}

const nameSelect = (element: HTMLElement | null) =>
  element?.querySelector('select')?.setAttribute('aria-label', 'Example')

const domNode = document.getElementById('reference')
if (domNode) {
  followColorScheme()
  const system: System = openSwaggerUi({
    domNode,
    url: 'openapi.json',
    plugins: [reference],
    layout: 'BaseLayout',
    validatorUrl: null,
    deepLinking: true,
    docExpansion: 'list',
    defaultModelsExpandDepth: -1,
    displayRequestDuration: true,
    responseInterceptor: (response: { ok: boolean; url: string; obj?: { uid?: unknown } }) => {
      if (response.ok && typeof response.obj?.uid === 'string') rememberUser(system, response.obj.uid)
      return response
    },
  })
}

/** Fills in every operation's `user_id`. */
function rememberUser({ specSelectors, specActions }: System, userId: string): void {
  uid.write(userId)
  for (const [path, methods] of specSelectors.specJson().getIn(['paths'])?.entrySeq() ?? []) {
    if (!path.includes('{user_id}')) continue
    for (const [method] of methods.entrySeq()) specActions.changeParam([path, method], 'user_id', 'path', userId)
  }
}

function followColorScheme(): void {
  const dark = matchMedia('(prefers-color-scheme: dark)')
  const follow = () => document.documentElement.classList.toggle('dark-mode', dark.matches)
  dark.addEventListener('change', follow)
  follow()
}
