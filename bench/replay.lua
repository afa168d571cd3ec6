-- wrk: sends the requests of the file $REQUESTS in turn (separated by byte 1), and prints one JSON
-- line at the end. Every thread begins at another place of the file. With $PAUSE_MS a connection
-- waits before each request: about so long, each time another, so that they spread.

local requests = {}
local position = 0
local threads = 0

function setup(thread)
  thread:set("first", threads * 997)
  threads = threads + 1
end

function init()
  local file = assert(io.open(os.getenv("REQUESTS"), "rb"))
  for request in file:read("*a"):gmatch("[^\1]+") do requests[#requests + 1] = request end
  file:close()
  position = first
end

function request()
  position = position + 1
  return requests[position % #requests + 1]
end

local pause_ms = tonumber(os.getenv("PAUSE_MS") or "0")
if pause_ms > 0 then
  function delay()
    return math.random(pause_ms / 2, pause_ms * 1.5)
  end
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests":%d,"seconds":%.6f,"errors":%d,"p50_ms":%.3f,"p95_ms":%.3f,"p99_ms":%.3f}\n',
    summary.requests, summary.duration / 1e6,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(50) / 1e3, latency:percentile(95) / 1e3, latency:percentile(99) / 1e3))
end
