"""Each provider times each of its faults, with ten calls at once: what do the callers hear?

`make chaos` writes the table in docs/reliability.md. The faults are those of the offline providers
(docs/rehearsal.md); the calls go through a real server in a process of its own, which is started
anew for each cell, since it remembers for a minute what it found dead.
"""
