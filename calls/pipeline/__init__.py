"""The AI side of a call. With calls/warmup.py the only code that imports pipecat."""
