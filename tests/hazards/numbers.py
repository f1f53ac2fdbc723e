"""With how many calls is a hazard tested? With what there is time for, or with what it asks for."""

import os

AS_ASKED = os.environ.get("HAZARDS") == "whole"  # `make hazards`


def calls(usually: int, asked: int) -> int:
    return asked if AS_ASKED else usually
