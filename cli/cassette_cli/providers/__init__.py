"""What is known of each provider: how its streams are rebuilt and its requests are read."""
