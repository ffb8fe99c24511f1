"""A choice stays, is shown beside the result, and an empty one stops nothing."""

from course_utils.lessons import predict

import pytest


def test_a_choice_is_shown_beside_the_result():
    prediction = predict("Which is louder?", "the vowel", "the hiss")
    prediction.radio.value = "the hiss"
    shown = prediction.compare("the vowel", "Vowels carry most of the energy.")
    assert repr(shown).splitlines() == [
        "You expected: the hiss",
        "The result: the vowel ❌",
        "Vowels carry most of the energy.",
    ]
    assert "✅" in repr(prediction.compare("the hiss"))
    assert prediction.radio.value == "the hiss"


def test_a_choice_stays_when_the_cell_is_run_again():
    predict("Which is longer?", "a", "b").radio.value = "b"
    assert predict("Which is longer?", "a", "b").radio.value == "b"
    assert predict("Which is shorter?", "a", "b").radio.value is None


def test_no_choice_stops_nothing():
    shown = predict("Which is higher?", "a", "b").compare("a")
    assert "You chose nothing" in repr(shown) and "The result: a" in shown._repr_html_()


def test_it_can_be_read_without_a_kernel_and_shows_no_tags():
    page = predict("Is 1 < 2?", "<b>yes</b>", "no")._repr_mimebundle_()["text/html"]
    assert "&lt;b&gt;yes" in page and "Is 1 &lt; 2?" in page


@pytest.mark.parametrize("options", [(), ("one",), ("a", "a")])
def test_a_question_needs_different_options(options):
    with pytest.raises(ValueError, match="different options"):
        predict("Which?", *options)


def test_a_result_that_is_no_option_is_refused():
    with pytest.raises(ValueError, match="none of the options"):
        predict("Which?", "a", "b").compare("c")
