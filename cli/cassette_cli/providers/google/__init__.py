"""Google: Gemini."""
