import { hash as hashNative, verify as verifyNative } from '@node-rs/argon2'
import { argon2Parameters } from './argon2-parameters.ts'

/** A PHC string of argon2id. */
export const hash = (password: string): Promise<string> => hashNative(password, argon2Parameters)

export const verify = (phc: string, password: string): Promise<boolean> => verifyNative(phc, password)
