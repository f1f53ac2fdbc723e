"""A call as both sides heard it: the caller left, the agent right, from `start` to the end.

Pipecat's AudioBufferProcessor cannot do this. It sits in the pipeline: it never sees the greeting,
which is sent before the pipeline exists, nor what a `clear` threw away in Twilio's buffer, so its
recording holds words that nobody heard and drifts from there on.

Both sides are placed at our end of the line. The caller's words are as late as they came, and the
agent's as early as they were sent: against each other they are off by one trip there and back,
plus up to 40 ms of jitter that is not taken for a gap.
"""
