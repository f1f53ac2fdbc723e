"""Text to speech: Piper's neural voice, espeak-ng, or plain tones."""
