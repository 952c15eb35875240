from __future__ import annotations

from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from interurban.kernels.assign import assign


def test_the_sum_counts_and_not_who_is_nearest():
    # 1 is nearest to a; but then 2, who has nothing else, would be left over: 3 + 2 < 1 + 10
    assert assign([1, 1, 2], [10, 11, 10], [1.0, 3.0, 2.0], 10.0).tolist() == [False, True, True]
    assert assign([1, 1, 2], [10, 11, 10], [1.0, 12.0, 2.0], 10.0).tolist() == [True, False, False]


def test_pairs_dearer_than_the_limit_or_without_a_score_are_not_chosen():
    assert assign([1, 2], [1, 2], [5.1, np.nan], 5.0).tolist() == [False, False]
    assert assign([], [], [], 5.0).tolist() == []


def test_of_a_repeated_pair_the_least_counts():
    assert assign([1, 1, 2], [7, 7, 8], [4.0, 2.0, 1.0], 10.0).tolist() == [False, True, True]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 20)), max_size=9, unique_by=lambda pair: pair[:2]))
def test_nothing_cheaper_exists(pairs: list[tuple[int, int, int]]):
    left, right, score = (np.array(values) for values in zip(*pairs, strict=True)) if pairs else (np.zeros(0),) * 3

    def cost(chosen: np.ndarray) -> float:
        return score[chosen].sum() + 10.0 * (len(set(left)) - chosen.sum())

    found = assign(left, right, score, 10.0)
    assert len(set(left[found])) == len(set(right[found])) == found.sum()
    for choice in product([False, True], repeat=len(pairs)):
        other = np.array(choice, dtype=bool)
        if len(set(left[other])) == len(set(right[other])) == other.sum():
            assert cost(found) <= cost(other) + 1e-9
