import Argon2 from '@phi-ag/argon2'
import wasm from '@phi-ag/argon2/argon2.wasm'
import { argon2Parameters } from './argon2-parameters.ts'

/** For workerd, which compiles WebAssembly only when a Worker is deployed. One instance keeps its 19 MiB for the isolate's life. */
let argon2: Argon2 | undefined
const open = () => {
  argon2 ??= new Argon2(new WebAssembly.Instance(wasm))
  return argon2
}

/** A PHC string of argon2id. */
export const hash = async (password: string): Promise<string> =>
  open().hash(password, { ...argon2Parameters, hashLength: 32, salt: crypto.getRandomValues(new Uint8Array(16)) })
    .encoded

export const verify = async (phc: string, password: string): Promise<boolean> => open().tryVerify(phc, password).success
