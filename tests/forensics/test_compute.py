"""Arithmetic of compute, energy and carbon, against numbers worked out by hand."""

from fractions import Fraction

from auditor.forensics.compute import capacity, carbon_intensity, energy, needed, short, slip, utilisation
from auditor.forensics.training import Interval, counted


def test_gpt_3_took_3_14e23_operations():
    """Brown et al. 2020, table D.1: 174,600 M parameters, 300 B tokens, 3.14E+23 operations."""
    found = needed(counted(174_600 * 10**6), counted(300 * 10**9))
    assert abs(float(found.low) - 3.14e23) < 0.01e23


def test_an_a100_hour_is_a_bit_more_than_1e18_operations():
    assert capacity(counted(1), Fraction(312)).low == 312 * 3600 * 10**12


def test_utilisation_is_an_interval_of_both():
    share = utilisation(Interval(Fraction(1), Fraction(2)), Interval(Fraction(4), Fraction(8)))
    assert (share.low, share.high) == (Fraction(1, 8), Fraction(1, 2))
    assert utilisation(counted(1), counted(0)) is None


def test_a_hundred_hours_of_400_watts_are_40_kwh_or_twice_as_much_with_the_building():
    found = energy(counted(100), Fraction(400))
    assert (found.low, found.high) == (4, 80)


def test_the_carbon_of_llama_2_is_that_of_a_grid():
    """31.22 t for 184,320 h at 400 W: 423 g a kWh."""
    found = carbon_intensity(counted(31_220_000), counted(184_320 * 400 // 1000))
    assert 420 < found.low < 425
    assert carbon_intensity(counted(1), counted(0)) is None


def test_a_unit_slip_is_told_by_its_direction():
    likely = Interval(Fraction(1), Fraction(1300))
    assert slip(counted(Fraction(4, 10)), likely) == 1000
    assert slip(counted(400_000), likely) == -1000
    assert slip(counted(10**9), likely) == 0


def test_llama_2_used_a_third_of_its_chips_or_more():
    """MODEL_CARD.md of meta-llama/llama: A100 hours, 2 T tokens; parameters by the architecture."""
    sizes = {6_738_415_616: 184_320, 13_015_864_320: 368_640, 68_976_648_192: 1_720_320}
    for weights, hours in sizes.items():
        share = utilisation(
            needed(counted(weights), counted(2 * 10**12)), capacity(counted(hours), Fraction(312))
        )
        assert 0.3 < share.low < 0.5


def test_a_number_of_any_size_is_printed_short():
    assert short(Fraction(314 * 10**21)) == "3.14e+23"
    assert short(Fraction(10**900)) == "1.00e+900"
    assert short(Fraction(0)) == "0"
