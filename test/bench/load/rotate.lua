-- wrk's requests: each line of a file is one, its fields separated by tabs; they go round. The summary is printed as JSON.
-- Arguments: the file, and milliseconds to rest before each request of a connection.
local requests, at, rest = {}, 0, 0

function init(args)
  rest = tonumber(args[2] or '0')
  for line in io.lines(args[1]) do
    local method, path, cookie, address, body = line:match('([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)')
    local headers = { ['User-Agent'] = 'bench', ['X-Forwarded-For'] = address }
    if cookie ~= '' then headers['Cookie'] = 'SWOB=' .. cookie end
    if body == '' then body = nil else headers['Content-Type'] = 'application/json' end
    requests[#requests + 1] = wrk.format(method, path, headers, body)
  end
  if rest > 0 then
    function delay() return rest end
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests":%d,"microseconds":%d,"refused":%d,"broken":%d,"p50":%d,"p99":%d}\n',
    summary.requests, summary.duration, errors.status, errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
