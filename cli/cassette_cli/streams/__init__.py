"""Streams: framings cut a body into frames, protocol decoders rebuild the message from them."""
