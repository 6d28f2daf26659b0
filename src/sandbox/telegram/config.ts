import { Api } from 'telegram/tl/index.js'
import type { TelegramState } from './telegram-state.ts'

/** What help.getConfig answers: where the data centres are, and Telegram's usual limits. */
export function configOf({ servers }: TelegramState, thisDc: number): Api.Config {
  const date = Math.floor(Date.now() / 1000)
  return new Api.Config({
    date,
    expires: date + 3600,
    testMode: true,
    thisDc,
    dcOptions: servers.map(
      ({ dc, host, port }) => new Api.DcOption({ id: dc, ipAddress: host, port, thisPortOnly: true }),
    ),
    dcTxtDomainName: '',
    chatSizeMax: 200,
    megagroupSizeMax: 200_000,
    forwardedCountMax: 100,
    onlineUpdatePeriodMs: 210_000,
    offlineBlurTimeoutMs: 5_000,
    offlineIdleTimeoutMs: 30_000,
    onlineCloudTimeoutMs: 300_000,
    notifyCloudDelayMs: 30_000,
    notifyDefaultDelayMs: 1_500,
    pushChatPeriodMs: 60_000,
    pushChatLimit: 2,
    editTimeLimit: 172_800,
    revokeTimeLimit: 2_147_483_647,
    revokePmTimeLimit: 2_147_483_647,
    ratingEDecay: 2_419_200,
    stickersRecentLimit: 200,
    channelsReadMediaPeriod: 604_800,
    callReceiveTimeoutMs: 20_000,
    callRingTimeoutMs: 90_000,
    callConnectTimeoutMs: 30_000,
    callPacketTimeoutMs: 10_000,
    meUrlPrefix: 'https://t.me/',
    captionLengthMax: 1024,
    messageLengthMax: 4096,
    webfileDcId: thisDc,
  })
}
