/** The bindings of wrangler.toml; settings arrive as strings beside them. */
declare module 'cloudflare:workers' {
  export const env: { readonly HYPERDRIVE?: { readonly connectionString: string } } & Readonly<Record<string, unknown>>
}
