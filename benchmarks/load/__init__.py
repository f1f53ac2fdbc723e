"""Pipecat's published Twilio flow and this product under the same calls, in one run.

Each is one process. The offline providers and the callers are processes of their own, the same for
both. `make bench` measures, and writes results.md, results.json and results.svg.
"""
