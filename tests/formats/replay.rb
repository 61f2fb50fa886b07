# Lets Ruby VCR replay a cassette: `ruby replay.rb FOLDER NAME SERIALIZER URL BODY`. Prints the status and the body.
require 'vcr'
require 'webmock'
require 'net/http'
require 'uri'

folder, name, serializer, url, body = ARGV
VCR.configure do |config|
  config.cassette_library_dir = folder
  config.hook_into :webmock
end
VCR.use_cassette(name, record: :none, serialize_with: serializer.to_sym, match_requests_on: %i[method uri body]) do
  answer = Net::HTTP.post(URI(url), body, 'content-type' => 'application/json')
  puts answer.code
  print answer.body
end
