/**
 * The parts of the library that a line needs; imported when the first one is opened, since they take 60 MB. In a module of their own because
 * a bundle gives a dynamic import of CommonJS no named exports, and a static one all of them.
 */
export { TelegramClient } from 'telegram/client/TelegramClient.js'
export { PROD_DC_IPV4 } from 'telegram/client/telegramBaseClient.js'
export { _serverKeys } from 'telegram/crypto/RSA.js'
export { RPCError } from 'telegram/errors/RPCBaseErrors.js'
export { Logger, LogLevel } from 'telegram/extensions/Logger.js'
export { PromisedNetSockets } from 'telegram/extensions/PromisedNetSockets.js'
export { returnBigInt } from 'telegram/Helpers.js'
export { ConnectionTCPFull } from 'telegram/network/connection/TCPFull.js'
export { MTProtoSender } from 'telegram/network/MTProtoSender.js'
export { computeCheck } from 'telegram/Password.js'
export { StringSession } from 'telegram/sessions/StringSession.js'
export { Api } from 'telegram/tl/index.js'
