"""Speech to text: real recognition, or the typed text of the clips that ship with the project."""
