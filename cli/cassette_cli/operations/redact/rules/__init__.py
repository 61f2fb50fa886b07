"""The rules: what a secret is, as data, each with texts that it must and must not match."""
