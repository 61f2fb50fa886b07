"""Requests as conversations: one module a provider family, a function an endpoint."""
