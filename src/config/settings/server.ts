import * as z from 'zod'
import { flag, host, listOf, port, readCidr, readOrigin, shortTime, text } from '../kinds.ts'
import type { SettingGroup } from '../setting.ts'
import { endpointBaseUrl, endpointUrl } from '../urls.ts'

export const server = {
  title: 'Server',
  settings: {
    NODE_ENV: {
      schema: z.enum(['development', 'production', 'test'], 'must be development or production'),
      default: 'development',
      help: 'production refuses what is only safe in development: missing decisions, keys that are not random, placeholders, and http:// to other networks.',
    },
    PORT: { schema: port, default: '9000', help: 'Port to listen on. 0 picks a free one.' },
    HOST: {
      schema: host,
      default: '127.0.0.1',
      production: '0.0.0.0',
      help: 'Address to listen on.',
    },
    ORIGINS: {
      schema: text
        .refine((value) => !/(^|,)\s*(null|file:[^,]*)\s*(,|$)/i.test(value), {
          error:
            'must not contain null or file://, which any page opened from a file sends: serve the page over http(s)',
          abort: true,
        })
        .pipe(
          listOf(
            readOrigin,
            'must be origins such as https://app.example.org or capacitor://localhost, without a path',
          ),
        ),
      default: 'http://localhost:18000',
      help: 'Web origins that may call with cookies, including those of apps in web views such as capacitor://localhost. Platforms send people back to the origin that called, or to the first http(s) origin. Required in production.',
    },
    TRUSTED_PROXIES: {
      schema: listOf(readCidr, 'must be CIDRs such as 10.0.0.0/8, or addresses, but not /0'),
      help: 'Addresses or CIDRs of the proxies whose X-Forwarded-For is trusted. Behind a proxy that is not listed, limits per network are off.',
    },
    LOG_LEVEL: {
      schema: z.enum(['debug', 'info', 'warn', 'error', 'silent'], 'must be debug, info, warn, error or silent'),
      default: 'info',
      help: 'Lowest level to log: debug, info, warn, error or silent.',
    },
    SHUTDOWN_DELAY: {
      schema: shortTime,
      help: 'Seconds between SIGTERM, when /readyz starts to return 503, and the last accepted connection. Set it to twice the check interval of your load balancer.',
    },
    DOCS: {
      schema: flag,
      default: 'true',
      production: 'false',
      help: 'Serve the interactive API reference at /v2/docs.',
    },
    LEGACY_CLIENTS: {
      schema: flag,
      default: 'false',
      help: 'Answer as the original server did, for its web and Android apps.',
    },
    METRICS_PORT: {
      schema: port,
      help: 'Port for Prometheus metrics (GET /metrics), separate from the API. 0 picks a free one. Empty: no metrics.',
    },
    METRICS_HOST: {
      schema: host,
      default: '127.0.0.1',
      help: 'Address for the metrics port. Anyone who can reach it can read them.',
    },
    OTEL_EXPORTER_OTLP_ENDPOINT: {
      schema: endpointBaseUrl,
      help: 'OTLP/HTTP collector for traces, such as http://localhost:4318. The other OTEL_ variables apply too. Empty: no traces.',
    },
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: {
      schema: endpointUrl,
      help: 'Full URL for traces, path included, if they go elsewhere than other telemetry.',
    },
  },
} as const satisfies SettingGroup
