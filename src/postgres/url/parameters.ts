/* What becomes of a URL's parameters. Source: "Parameter Key Words" in libpq's manual, Postgres 18, and the manuals of the tools named. */

/** libpq's own that need nothing here: for its other ways to sign in, its logs, and what this server does by itself. */
const withoutEffect = [
  ...[
    'gsslib',
    'gssdelegation',
    'krbsrvname',
    'krbspn',
    'requirepeer',
    'sslcompression',
    'sslcertmode',
    'sslkeylogfile',
  ],
  ...['keepalives_interval', 'keepalives_count', 'tcp_user_timeout', 'client_encoding', 'fallback_application_name'],
  ...['min_protocol_version', 'max_protocol_version', 'authtype', 'tty'],
]

/** For other tools that are given the same URL. */
const otherTools = [
  // Prisma
  ...['schema', 'connection_limit', 'pool_timeout', 'socket_timeout', 'pgbouncer', 'sslaccept', 'sslidentity'],
  ...['statement_cache_size', 'max_connection_lifetime', 'max_idle_connection_lifetime', 'single_use_connections'],
  // JavaScript's other drivers, Supabase, Vercel
  ...['uselibpqcompat', 'max', 'idle_timeout', 'max_lifetime', 'max_pipeline', 'backoff', 'prepare', 'fetch_types'],
  ...['supa', 'workaround', 'pool_mode', 'idletimeoutmillis', 'connectiontimeoutmillis', 'debug', 'timeout'],
  // JDBC
  ...['preparethreshold', 'prepare_threshold', 'currentschema', 'stringtype', 'tcpkeepalive', 'logintimeout'],
  ...['applicationname', 'targetservertype', 'rewritebatchedinserts', 'sockettimeout', 'connecttimeout', 'sslfactory'],
  // Python, Go, Ruby, PHP, Elixir
  ...['prepared_statement_cache_size', 'prepared_statement_name_func', 'async_fallback', 'pool_size', 'max_overflow'],
  ...['pool_recycle', 'pool_pre_ping', 'binary_parameters', 'default_query_exec_mode', 'statement_cache_capacity'],
  ...['description_cache_capacity', 'pool_max_conns', 'pool_min_conns', 'pool_max_conn_lifetime', 'pool', 'reconnect'],
  ...['prepared_statements', 'advisory_locks', 'encoding', 'charset', 'serverversion', 'adapter', 'conn_max_age'],
]

/** Of the server, which a connection may choose for itself. */
const serverSettings = [
  ...['options', 'search_path', 'role', 'row_security', 'session_replication_role', 'default_transaction_read_only'],
  ...['statement_timeout', 'lock_timeout', 'transaction_timeout', 'idle_session_timeout', 'deadlock_timeout'],
  ...['idle_in_transaction_session_timeout', 'client_connection_check_interval', 'synchronous_commit', 'commit_delay'],
  ...['work_mem', 'maintenance_work_mem', 'temp_buffers', 'temp_file_limit', 'temp_tablespaces', 'default_tablespace'],
  ...['effective_cache_size', 'random_page_cost', 'seq_page_cost', 'plan_cache_mode', 'jit', 'geqo'],
  ...['join_collapse_limit', 'from_collapse_limit', 'default_statistics_target', 'max_parallel_workers_per_gather'],
  ...['client_min_messages', 'log_statement', 'log_min_duration_statement', 'log_min_messages', 'lc_messages'],
  ...['tcp_keepalives_idle', 'tcp_keepalives_interval', 'tcp_keepalives_count'],
]

/** Of the server, and the same on every connection of ours, whatever the URL says: the code reads what they shape. */
const ownSettings = [
  ...['datestyle', 'intervalstyle', 'timezone', 'bytea_output', 'extra_float_digits', 'standard_conforming_strings'],
  'default_transaction_isolation',
]

const dropped: ReadonlySet<string> = new Set([...withoutEffect, ...otherTools, ...ownSettings])
const sent: ReadonlySet<string> = new Set(serverSettings)

/** What becomes of a parameter that isn't read for what it says: it's sent to the server, or dropped, with a word about it where nobody knows it. */
export function classifyParameter(name: string): 'sent' | 'dropped' | 'unknown' {
  const key = name.toLowerCase()
  // With a dot: of an extension, or anybody's own.
  if (sent.has(key) || /^[a-z_]\w*\.\w+$/.test(key) || /^enable_[a-z]+$/.test(key)) return 'sent'
  return dropped.has(key) ? 'dropped' : 'unknown'
}
