-- Sends the requests of a file in turn, each thread from a place of its own, and prints in one line what came of them.
-- Arguments: the file, a token or "-", a word that no other run has. A line of the file is a method and a target; a POST
-- adds a link of a name, URL and path that no other has.

local threads = 0
local requests, token, run, at, made = {}, nil, nil, 0, 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
  -- Of two servers, each thread has one.
  local other = os.getenv("OTHER_PORT")
  if other and threads == 2 then thread.addr = wrk.lookup(wrk.host, other)[1] end
end

function init(arguments)
  local file
  file, token, run = arguments[1], arguments[2], arguments[3]
  local headers = {}
  if token ~= "-" then headers["PRIVATE-TOKEN"] = token end
  for line in io.lines(file) do
    local method, target = line:match("^(%S+) (%S+)$")
    requests[#requests + 1] = method == "POST" and { target } or wrk.format(method, target, headers)
  end
  at = number * math.floor(#requests / 2)
end

function request()
  at = at % #requests + 1
  local ready = requests[at]
  if type(ready) == "string" then return ready end
  made = made + 1
  local name = run .. "-" .. number .. "-" .. made
  local body = "name=" .. name .. "&url=https://files.example.com/new/" .. name .. "&direct_asset_path=/new/" .. name
  return "POST " .. ready[1] .. " HTTP/1.1\r\nHost: " .. wrk.host .. "\r\nPRIVATE-TOKEN: " .. token
    .. "\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: " .. #body .. "\r\n\r\n" .. body
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("result %d %d %d %d %d %d\n", summary.requests, summary.duration, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout, latency:percentile(50), latency:percentile(99)))
end
