/** Bundlers for workerd hand over a compiled module. */
declare module '*.wasm' {
  const compiled: WebAssembly.Module
  export default compiled
}
