/** A file that a page of ours uses, made by the build. */
export type Asset = {
  body: Uint8Array<ArrayBuffer>
  /** The same, where the runtime doesn't compress answers itself. */
  gzip?: Uint8Array<ArrayBuffer>
  /** Of its content: another content has another tag. Letters and digits. */
  tag: string
}
