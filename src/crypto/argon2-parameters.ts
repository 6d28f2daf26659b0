/** OWASP's minimum for argon2id (memory in KiB). PHC strings carry their own, so raising these keeps old hashes valid. */
export const argon2Parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const
