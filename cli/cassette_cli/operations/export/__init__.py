"""What a cassette holds, in formats of others: HAR, curl commands, conversations as JSON Lines."""
