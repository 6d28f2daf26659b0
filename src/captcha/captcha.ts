/** Checks the token that a captcha widget gave the browser. Resolves to false for a bad token; throws `UnavailableError` when it can't tell. */
export type Captcha = { check(token: string, remoteAddress?: string): Promise<boolean> }
