"""OpenAI and who speaks like it."""
