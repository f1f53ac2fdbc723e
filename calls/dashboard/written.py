"""How are counts, shares and places on an axis written, in the reader's language?"""

from django.utils.formats import number_format


def counted(number: int) -> str:
    return number_format(number, decimal_pos=0, use_l10n=True, force_grouping=True)


def share(part: float, whole: float) -> str:
    return f"{number_format(100 * part / whole, decimal_pos=1, use_l10n=True)} %"


def mean(value: float) -> str:
    return number_format(value, decimal_pos=1, use_l10n=True)


def on_axis(ms: float) -> str:
    """Short: it stands beside the picture."""
    return f"{ms:g} ms" if ms < 1_000 else f"{ms / 1_000:g} s"
