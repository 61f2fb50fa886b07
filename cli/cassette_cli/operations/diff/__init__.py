"""What changed between two versions of a cassette, by meaning. Pure: cassettes in, differences out."""
