"""The order of forks: ABBA or BAAB by a fair coin, interleaved over cases, reproducible."""

from __future__ import annotations

from racetrack_compare.schedule import Pairing, Schedule


def passes(seed: int, cases: int, number: int) -> list[list[Pairing]]:
    schedule = Schedule(seed)
    return [schedule.next_pass(range(cases)) for _ in range(number)]


def test_every_pass_runs_one_pair_of_every_case_and_of_two_passes_each_side_begins_once() -> None:
    for first, second in zip(*[iter(passes(3, 7, 20))] * 2):
        assert sorted(each.case for each in first) == sorted(each.case for each in second) == list(range(7))
        begins = {each.case: each.new_first for each in first}
        assert all(begins[each.case] is not each.new_first for each in second)


def test_the_pairs_of_a_case_are_numbered_and_seeds_differ() -> None:
    ran = [each for part in passes(3, 4, 6) for each in part]
    assert [each.pair for each in ran if each.case == 2] == list(range(6))
    assert len({each.seed for each in ran}) == len(ran)


def test_the_coin_is_fair_and_cases_are_shuffled() -> None:
    ran = passes(3, 2, 2000)
    begins = sum(part[0].new_first for part in ran[::2])
    assert 430 < begins < 570
    assert 900 < sum(part[0].case == 0 for part in ran) < 1100


def test_a_seed_makes_it_the_same_again_and_another_one_does_not() -> None:
    assert passes(3, 5, 4) == passes(3, 5, 4)
    assert passes(3, 5, 4) != passes(4, 5, 4)


def test_what_is_decided_is_left_out_and_the_others_go_on_as_before() -> None:
    schedule = Schedule(1)
    schedule.next_pass([0, 1, 2])
    assert sorted((each.case, each.pair) for each in schedule.next_pass([0, 2])) == [(0, 1), (2, 1)]
