/** What programs need to be found, to find their libraries and to put files somewhere. */
const passed = [
  ...['PATH', 'HOME', 'TMPDIR', 'TMP', 'TEMP', 'LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH'],
  ...['SystemRoot', 'SystemDrive', 'windir', 'ComSpec', 'PATHEXT'],
]

/**
 * For each program that is started here. It hands its environment on to all that it starts itself: settings, which are secrets, have no business
 * there. Messages in English, because we read them.
 */
export function bareEnvironment(): NodeJS.ProcessEnv {
  const kept = passed.map((name) => [name, process.env[name]] as const).filter(([, value]) => value !== undefined)
  return { ...Object.fromEntries(kept), LC_ALL: 'C' }
}
