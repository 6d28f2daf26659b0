/** As much of Swagger UI as the page uses. */
declare module 'swagger-ui-dist/swagger-ui-bundle.js' {
  export type Props = Readonly<Record<string, unknown>>
  export type Component = (props: Props) => Node | null
  /** What React renders. */
  export type Node = { readonly $$typeof: symbol }

  export type React = {
    createElement(type: string | Component, props: Props | null, ...children: (Node | string | null)[]): Node
    useState<Value>(value: Value): [Value, (value: Value) => void]
    useId(): string
    useSyncExternalStore<Value>(subscribe: (listener: () => void) => () => void, read: () => Value): Value
  }

  /** Immutable.js, of which the document is made. */
  export type Tree = {
    getIn(path: readonly string[]): Tree | undefined
    entrySeq(): Iterable<[string, Tree]>
    toJS(): unknown
  }

  export type System = {
    React: React
    specSelectors: { specJson(): Tree }
    specActions: {
      changeParam(operation: readonly [path: string, method: string], name: string, place: string, value: string): void
    }
  }

  export type Plugin = (system: System) => {
    components?: Readonly<Record<string, Component>>
    wrapComponents?: Readonly<Record<string, (original: Component, system: System) => Component>>
  }

  export default function openSwaggerUi(options: {
    domNode: HTMLElement
    url: string
    plugins: readonly Plugin[]
    layout: string
    validatorUrl: null
    [option: string]: unknown
  }): System
}
