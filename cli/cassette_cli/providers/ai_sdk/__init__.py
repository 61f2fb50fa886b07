"""The AI SDK of Vercel."""
