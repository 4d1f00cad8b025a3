"""Occurrences that overlap become windows that do not."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from desvios.calendar.windows import Claim, resolve, to_windows
from portal.pbx.types import Window

claims = st.lists(
    st.builds(
        Claim,
        start=st.integers(0, 60),
        end=st.integers(0, 60),
        destination=st.sampled_from(["203", "204", "vm"]),
        edited=st.integers(0, 3).map(float),
        event=st.integers(0, 3),
    ),
    max_size=12,
    unique=True,
)


@given(claims)
def test_at_every_second_the_later_start_wins_and_then_the_one_edited_last(made):
    won = resolve(made)
    for second in range(-1, 62):
        there = [claim for claim in made if claim.start <= second < claim.end]
        winner = [each.claim for each in won if each.start <= second < each.end]
        assert winner == ([max(there, key=rank)] if there else [])


def rank(claim):
    return claim.start, claim.edited, claim.event, claim.end, claim.destination


def claim(start, end, destination, event):
    return Claim(start=start, edited=0.0, event=event, end=end, destination=destination)


@given(claims)
def test_windows_are_sorted_do_not_overlap_and_neighbours_differ(made):
    windows = to_windows(resolve(made))
    for one, next_one in pairwise(windows):
        assert one.start < one.end <= next_one.start
        assert one.end < next_one.start or one.destination != next_one.destination


def test_two_occurrences_of_one_series_may_start_together():
    long, short = claim(0, 30, "203", 1), claim(0, 10, "vm", 1)
    for claims in ([long, short], [short, long]):
        assert to_windows(resolve(claims)) == (Window(0, 30, "203"),)


def test_when_the_winner_ends_the_other_goes_on():
    inner, outer = claim(10, 20, "203", 1), claim(0, 30, "vm", 2)
    assert to_windows(resolve([inner, outer])) == (
        Window(0, 10, "vm"),
        Window(10, 20, "203"),
        Window(20, 30, "vm"),
    )
