/** In a module of its own because a bundle gives a dynamic import of CommonJS no named exports, and a static one all of them. */
export { auth, oauth2_v2 } from 'googleapis/build/src/apis/oauth2/index.js'
