"""System checks of the catalog."""


def connect() -> None:
    pass
