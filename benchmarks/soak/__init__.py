"""A thousand short calls in which anything goes wrong: are the records right, is nothing left?

A benchmark and no test: it takes minutes, holds figures against bounds, and ends with a table.
`make soak` makes 1,000 calls; `make soak CALLS=100` is what .ci/run does.
"""
