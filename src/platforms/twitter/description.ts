import type { Platform } from '../platform.ts'

/** What both generations of Twitter's authorization have in common. */
export const twitter = {
  name: 'twitter',
  type: 'text',
  letter: 't',
  descriptions: {
    en: 'Post to your Twitter account by SMS, without internet.',
    fr: 'Publiez sur votre compte Twitter par SMS, sans internet.',
    fa: 'بدون اینترنت و با پیامک در حساب توییتر خود پست بگذارید.',
    es: 'Publica en tu cuenta de Twitter por SMS, sin internet.',
  },
} as const satisfies Partial<Platform>
