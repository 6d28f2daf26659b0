export { twitterOAuth1 } from './twitter/oauth1.ts'
export { twitterOAuth2 } from './twitter/oauth2.ts'
