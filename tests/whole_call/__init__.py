"""Whole calls over real sockets: our application, the providers, a simulated caller."""
