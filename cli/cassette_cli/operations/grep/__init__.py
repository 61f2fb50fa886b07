"""`cassette grep`: what the recordings say, searched as a person reads it."""
