"""What a call costs in instructions of the processor, which do not depend on a machine's mood."""
