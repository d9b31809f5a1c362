# Ruby's net-http-persistent, a pool of Net::HTTP's connections.

require "json"
require "net/http/persistent"

$stdout.sync = true
over = false
pool = Net::HTTP::Persistent.new(name: "stops")
pool.ca_file = ENV.fetch("CERTIFICATE")
writers = Array.new(ENV.fetch("THREADS").to_i) do |thread|
  Thread.new do
    count = 0
    until over
      name = "#{ENV.fetch("NAME")}-#{thread}-#{count}"
      links = URI("#{ENV.fetch("RELEASES")}/#{ENV.fetch("NAME")}-#{thread}-#{count / 1000}/assets/links")
      headers = { "Authorization" => "Bearer #{ENV.fetch("TOKEN")}", "Content-Type" => "application/json" }
      request = Net::HTTP::Post.new(links, headers)
      request.body = { name: name, url: "https://files.example.com/#{name}" }.to_json
      said = begin
        pool.request(links, request).code
      rescue StandardError => error
        error.inspect
      end
      $stdout.write("#{said} #{name}\n")
      count += 1
    end
  end
end
$stdin.read
over = true
writers.each(&:join)
