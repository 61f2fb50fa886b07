"""Which empty deltas can go: those beside which another of the same place stays."""

from hypothesis import given
from hypothesis import strategies as st

from cassette_cli.providers.deltas import redundant
from cassette_cli.streams.frames import Frame

DELTAS = st.lists(st.tuples(st.frozensets(st.sampled_from("abc"), max_size=2), st.booleans()), max_size=12)


@given(DELTAS)
def test_every_place_stays_and_nothing_more_can_go(deltas: list[tuple[frozenset[str], bool]]) -> None:
    frames = [Frame(None, "", (0, 0), parsed={"at": sorted(places)}) for places, _ in deltas]
    empty = [number for number, (places, bare) in enumerate(deltas) if bare and places]
    gone = redundant(frames, empty, lambda frame: frame.object["at"])
    kept = [number for number in range(len(frames)) if number not in gone]

    def shown(numbers: list[int]) -> set[str]:
        return {place for number in numbers for place in deltas[number][0]}

    assert set(gone) <= set(empty)
    assert shown(kept) == shown([*range(len(frames))])
    for number in set(empty) - set(gone):  # Each that stays was the first sign of a place.
        others = [one for one in kept if one not in empty or one < number]
        assert not deltas[number][0] <= shown(others)


def test_frames_are_read_no_further_than_it_takes() -> None:
    frames = [Frame(None, "{}", (0, 0)) for _ in range(9)]
    read: list[int] = []
    places = [["x"], ["x"], ["x"], ["y"], ["y"], ["y"], ["z"], ["z"], ["z"]]

    def places_of(frame: Frame) -> list[str]:
        number = next(i for i, one in enumerate(frames) if one is frame)
        read.append(number)
        return places[number]

    assert redundant(frames, [0, 6], places_of) == [0, 6]
    assert read == [0, 1, 6, 7]
