"""Whole calls over real sockets: the ASGI application, the offline providers, a simulated caller."""
