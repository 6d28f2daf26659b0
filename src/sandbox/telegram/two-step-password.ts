import { pbkdf2, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { readBigIntFromBuffer } from 'telegram/Helpers.js'
import { Api } from 'telegram/tl/index.js'
import { sha256, xor } from './aes-ige.ts'
import { generator, isSafePublicValue, modularPower, prime, toBytes, toNumber } from './modular-power.ts'
import { RpcRefusal } from './rpc-refusal.ts'

/** One SRP challenge: good for one answer. */
export type PasswordCheck = {
  /** What account.getPassword answers. */
  readonly challenge: Api.account.Password
  /** Whether the client knows the password. Throws `RpcRefusal` for another challenge's answer. */
  readonly accepts: (answer: Api.InputCheckPasswordSRP) => boolean
}

const primeBytes = toBytes(prime)
const generatorBytes = toBytes(BigInt(generator))
const multiplier = toNumber(sha256(primeBytes, generatorBytes))

/** Challenges a client to prove that it knows the password (SRP, the server's side). */
export async function challengePassword(password: string): Promise<PasswordCheck> {
  const salt1 = randomBytes(32)
  const salt2 = randomBytes(32)
  const verifier = modularPower(BigInt(generator), toNumber(await hashPassword(password, salt1, salt2)), prime)
  const secret = toNumber(randomBytes(32))
  const offered = (multiplier * verifier + modularPower(BigInt(generator), secret, prime)) % prime
  const offeredBytes = toBytes(offered)
  const srpId = readBigIntFromBuffer(randomBytes(8), true, true)
  const challenge = new Api.account.Password({
    ...noPassword(),
    hasPassword: true,
    currentAlgo: algorithm(salt1, salt2),
    srp_B: offeredBytes,
    srpId,
    hint: 'the sandbox README tells it',
  })
  return {
    challenge,
    accepts(answer) {
      if (answer.srpId.neq(srpId)) throw new RpcRefusal(400, 'SRP_ID_INVALID')
      const clientPublic = toNumber(answer.A)
      if (!isSafePublicValue(clientPublic)) throw new RpcRefusal(400, 'SRP_A_INVALID')
      const clientPublicBytes = toBytes(clientPublic)
      const scramble = toNumber(sha256(clientPublicBytes, offeredBytes))
      const shared = modularPower((clientPublic * modularPower(verifier, scramble, prime)) % prime, secret, prime)
      const proof = sha256(
        xor(sha256(primeBytes), sha256(generatorBytes)),
        sha256(salt1),
        sha256(salt2),
        clientPublicBytes,
        offeredBytes,
        sha256(toBytes(shared)),
      )
      return proof.equals(answer.M1)
    },
  }
}

/** What account.getPassword answers for an account with no password: how to set one. */
export function noPassword() {
  return {
    newAlgo: algorithm(randomBytes(8), randomBytes(16)),
    newSecureAlgo: new Api.SecurePasswordKdfAlgoUnknown(),
    secureRandom: randomBytes(256),
  }
}

function algorithm(salt1: Buffer, salt2: Buffer) {
  return new Api.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow({
    salt1,
    salt2,
    g: generator,
    p: primeBytes,
  })
}

async function hashPassword(password: string, salt1: Buffer, salt2: Buffer): Promise<Buffer> {
  const first = sha256(salt2, sha256(salt1, Buffer.from(password), salt1), salt2)
  return sha256(salt2, await promisify(pbkdf2)(first, salt1, 100_000, 64, 'sha512'), salt2)
}
