/** What Postgres reads as a uuid and we write as one: it throws on anything else. */
export const isUuid = (value: string): boolean => /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(value)
