"""JSON-RPC: MCP and A2A."""
