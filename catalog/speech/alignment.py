"""When each word of a corrected text is said, from the times of the words that were heard."""

import difflib
from collections.abc import Iterator, Sequence

from catalog.snapshot import WordTiming

LEAST_SHARE_MATCHED = 0.5  # below that the text is another one, and its times would be invented


def aligned(
    words: Sequence[WordTiming], text: str, *, duration_ms: int | None = None
) -> tuple[WordTiming, ...]:
    """Exactly the words of `text.split()`, with the times of `words`; times never decrease.

    A word that was heard as it is written (but for case and punctuation) keeps its times. One that
    was not shares, by its letters, the time between those on either side. Empty when fewer than
    half of the text's words were heard. `duration_ms` is the clip's: without it nothing is said
    after the last word heard.
    """
    written = text.split()
    heard_keys, written_keys = [_key(word.word) for word in words], [_key(word) for word in written]
    matcher = difflib.SequenceMatcher(None, heard_keys, written_keys, autojunk=False)
    opcodes = matcher.get_opcodes()
    said = sum(1 for key in written_keys if key)
    matched = sum(
        1
        for tag, _, _, start, end in opcodes
        for key in written_keys[start:end]
        if tag == "equal" and key
    )
    if not matched or matched < said * LEAST_SHARE_MATCHED:
        return ()
    end_ms = max(word.end_ms for word in words) if duration_ms is None else duration_ms
    timed: list[WordTiming] = []
    for tag, heard_from, heard_to, written_from, written_to in opcodes:
        spelled = written[written_from:written_to]
        if tag == "equal":
            pairs = zip(spelled, words[heard_from:heard_to], strict=True)
            timed += [WordTiming(word, heard.start_ms, heard.end_ms) for word, heard in pairs]
        else:
            before_ms = words[heard_from - 1].end_ms if heard_from else 0
            after_ms = words[heard_to].start_ms if heard_to < len(words) else end_ms
            if tag == "replace":  # something was said here, and when is known
                before_ms, after_ms = words[heard_from].start_ms, words[heard_to - 1].end_ms
            timed += _spread(spelled, before_ms, max(before_ms, after_ms))
    return shifted(timed, 0, end_ms)


def shifted(words: Sequence[WordTiming], by_ms: int, duration_ms: int) -> tuple[WordTiming, ...]:
    """Each word moved by `by_ms` and kept within 0..`duration_ms`; times never decrease.

    With `by_ms=-trimmed_start_ms` a recording's word times become those of the clip made of it.
    """
    moved, latest_ms = [], 0
    for word in words:
        start_ms = min(max(latest_ms, word.start_ms + by_ms), duration_ms)
        latest_ms = min(max(start_ms, word.end_ms + by_ms), duration_ms)
        moved.append(WordTiming(word.word, start_ms, latest_ms))
    return tuple(moved)


def _key(word: str) -> str:
    """What two spellings of a word have in common; empty for punctuation that stands alone."""
    return "".join(character for character in word.casefold() if character.isalnum())


def _spread(words: Sequence[str], from_ms: int, to_ms: int) -> Iterator[WordTiming]:
    """The time shared out by the words' letters."""
    whole, passed = sum(map(len, words)), 0
    for word in words:
        start_ms = from_ms + (to_ms - from_ms) * passed // whole
        passed += len(word)
        yield WordTiming(word, start_ms, from_ms + (to_ms - from_ms) * passed // whole)
