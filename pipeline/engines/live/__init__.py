"""Hearing by a provider's WebSocket: sound goes out while it is spoken, words come back while they are heard."""
