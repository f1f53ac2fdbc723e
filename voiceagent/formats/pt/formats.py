"""Times without seconds; the rest is as Django has it."""

TIME_INPUT_FORMATS = ["%H:%M", "%H:%M:%S"]
