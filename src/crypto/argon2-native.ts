import { hash as hashNative, verify as verifyNative } from '@node-rs/argon2'

/** OWASP's minimum for argon2id; PHC strings carry their own, so raising these keeps old hashes valid. */
const parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const

/** A PHC string of argon2id. */
export const hash = (password: string): Promise<string> => hashNative(password, parameters)

export const verify = (phc: string, password: string): Promise<boolean> => verifyNative(phc, password)
