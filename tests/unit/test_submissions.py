"""Reading what people hand in, without running any of it."""

import json
import os
import sys

from course_utils.audio import play
from course_utils.instructors import reading
from course_utils.instructors.feedback import clean_html, clean_outputs, clean_text
from course_utils.instructors.submissions import (
    SubmissionError,
    find_notebooks,
    folder_name,
    read_submission,
    same_names,
)
from course_utils.instructors.workers import run_jobs
from course_utils.plotting import show

import numpy as np
import pytest
from matplotlib.figure import Figure


def test_names_that_nbgrader_can_take_stay_as_they_are():
    for name in ("anna", "o'brien", "Müller, no", "王小明", "a.b@c-d_e", "12"):
        plain = name.replace(",", "~2C~")
        assert folder_name(name) == plain


def test_every_name_has_a_folder_of_its_own():
    names = ["राम", "रोम", "रीम", "lee [1]", "lee (1)", "lee {1}", "lee ~5B~1~5D~", "Lee", "lee"]
    names += ["a/b".replace("/", c) for c in "*?[]{}~%&;:|<>\"'\\\n\t\x00"]
    names += [
        ".a",
        "a.",
        " a",
        "a ",
        "-a",
        "a",
        "x" * 300,
        "x" * 301,
        "क" * 100,
        "\udcff",
        "\udcfe",
    ]
    made = [folder_name(name) for name in names]
    assert len(set(made)) == len(names)
    for folder in made:
        assert len(folder.encode()) <= 120 and not folder.startswith((".", "-", " "))
        assert not set(folder) & set('*?[]{}/\\<>:"|\n') and folder == folder.strip(" .")


def test_names_that_are_one_text_are_found():
    double = same_names(["andre\u0301", "andr\u00e9", "andre", "\udcff", "\udcfe"])
    assert set(double) == {"andre\u0301", "andr\u00e9"}
    assert same_names(["Lee", "lee", "王"]) == {}


def notebook(*sources, **more):
    cells = [{"cell_type": "code", "source": text, "metadata": {}, "id": "a"} for text in sources]
    return {"cells": cells, "metadata": {}, **more}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "0 bytes"),
        (b"%PDF-1.4", "not JSON"),
        (b'{"cells": [' + b"[" * 100_000, "not JSON"),
        (b"\xff\xfe\x00\x01", "not JSON"),
        (b"[1, 2]", "without any cell"),
        (b'{"cells": 3}', "without any cell"),
        (b'{"cells": [1, "a", null]}', "without any cell"),
        (json.dumps(notebook(*["1"] * 3000)).encode(), "3,000 cells"),
        (json.dumps(notebook("x" * 3_000_000)).encode(), "3,000,000 characters"),
    ],
)
def test_what_cannot_be_read_is_told(content, reason, tmp_path):
    (tmp_path / "a.ipynb").write_bytes(content)
    with pytest.raises(SubmissionError, match=reason):
        read_submission(tmp_path / "a.ipynb")


def test_cells_of_every_shape_are_read(tmp_path):
    cells = [
        {"cell_type": "code", "source": ["a = 1\n", "b = 2"], "outputs": [{"text": "x" * 10}]},
        {"cell_type": "heading", "source": "Title", "metadata": {"nbgrader": {"grade_id": 3}}},
        {"cell_type": "code", "input": "old = 1", "metadata": None, "id": 5},
        {
            "cell_type": "markdown", "source": "![a](attachment:a.png)",
            "attachments": {"a.png": {"image/png": "aGVsbG8="}, "b": {"text/html": "<script>"},
                            "c": {"image/png": "\"><script>"}},
        },
        {"source": "\ud800"},
    ]  # fmt: skip
    path = tmp_path / "a.ipynb"
    path.write_text("\ufeff" + json.dumps({"cells": cells}), encoding="utf-8")
    found = read_submission(path)
    texts = [(cell["cell_type"], cell["source"]) for cell in found["cells"]]
    assert texts[:3] == [("code", "a = 1\nb = 2"), ("markdown", "Title"), ("code", "old = 1")]
    assert found["cells"][3]["attachments"] == {"a.png": {"image/png": "aGVsbG8="}}
    assert texts[4][1] == "?" and found["remarks"] == []


def test_a_large_file_is_read_for_its_cells(tmp_path, monkeypatch):
    outputs = [{"output_type": "stream", "text": "x" * 6_000_000}]
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps({"cells": [{"source": "1", "outputs": outputs}]}))
    assert "6 MB large; its outputs were dropped" in read_submission(path)["remarks"][0]
    monkeypatch.setattr(reading, "LARGEST_FILE", 1_000_000)
    with pytest.raises(reading.UnreadableError, match="larger than 1 MB"):
        reading.read(str(path))


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="memory is bounded on POSIX")
def test_a_file_that_explodes_is_refused_in_bounded_memory(tmp_path):
    path = tmp_path / "a.ipynb"
    path.write_text('{"cells": [' + "[]," * 10_000_000 + "[]]}")
    with pytest.raises(SubmissionError, match="more than 700 MB"):
        read_submission(path)


def test_the_notebook_is_found_among_what_lies_around(tmp_path):
    for name in ("._a.ipynb", ".ipynb_checkpoints/a.ipynb", "__MACOSX/a.ipynb", "a.ipynb.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("{}")
    with pytest.raises(SubmissionError, match="no notebook"):
        find_notebooks(tmp_path)
    (tmp_path / "unpacked").mkdir()
    (tmp_path / "unpacked" / "b.IPYNB").write_text("{}")
    assert [path.name for path in find_notebooks(tmp_path)] == ["b.IPYNB"]
    (tmp_path / "c.ipynb").write_text("{}")
    assert [path.name for path in find_notebooks(tmp_path)] == ["c.ipynb"]
    for number in range(12):
        (tmp_path / f"d{number}.ipynb").write_text("{}")
    with pytest.raises(SubmissionError, match="13 notebooks"):
        find_notebooks(tmp_path)
    if hasattr(os, "symlink"):
        os.symlink(tmp_path, tmp_path.parent / "link")
        with pytest.raises(SubmissionError, match="link"):
            find_notebooks(tmp_path.parent / "link")


# ---------------------------------------------------------------- what pages may show


@pytest.mark.parametrize(
    ("page", "clean"),
    [
        ("<b onclick='x()'>a</b>", "<b>a</b>"),
        ("a<script>x()</script>b", "ab"),
        ("<style>p {}</style><p>a</p>", "<p>a</p>"),
        ("<img src='https://example.org/a.png' alt='a'>", '<img alt="a">'),
        ("<img src=x onerror=x()>", "<img>"),
        ("<a href='javascript:x()'>a</a>", "a"),
        ("<svg onload=x()><b>a</b></svg>", "<b>a</b>"),
        ("<div style='color: red'>a</div>", '<div style="color: red">a</div>'),
        ("<div style='background: url(x)'>a</div>", "<div>a</div>"),
        ("<table><tr><td colspan=2>1 &lt; 2</td></tr></table>",
         '<table><tr><td colspan="2">1 &lt; 2</td></tr></table>'),
        ("<img src='data:image/svg+xml;base64,AAAA'>", "<img>"),
        ("<audio controls src='data:audio/wav;base64,AAAA'></audio>",
         '<audio controls="" src="data:audio/wav;base64,AAAA"></audio>'),
        ("<img src='data:0'><img src='data:image/png;base64,AA=='>",
         '<img src="data:image/png;base64,AA=="><img src="data:image/png;base64,AA==">'),
        ("<scr<script>ipt>x()</scr</script>ipt>", "ipt&gt;x()ipt&gt;"),
    ],
)  # fmt: skip
def test_html_is_rebuilt_from_what_is_harmless(page, clean):
    assert clean_html(page) == clean


def test_the_courses_own_pictures_and_players_stay():
    page = show(Figure(figsize=(1, 1)), alt="An empty figure with 'quotes' & <signs>.").page
    assert clean_html(page).count("data:image/png;base64,") == 1 and "alt=" in clean_html(page)
    page = play({"a": np.zeros(100), "b": np.zeros(50)}, 8000)._repr_mimebundle_()["text/html"]
    assert clean_html(page) == page.replace("controls ", 'controls="" ')


def test_outputs_are_rebuilt_whatever_is_sent():
    sent = [
        3, None, {}, {"kind": "stream", "text": 5},
        {"kind": "stream", "text": "a\x00\x1b[31mb\r\n"},
        {"kind": "error", "name": "<b>", "text": "\ud800", "traceback": "a\nb"},
        {"kind": "result", "data": {"text/plain": "3", "text/html": 7, "image/png": "<script>"}},
        {"kind": "display", "data": {"application/javascript": "x()", "text/latex": "<b>"}},
        {"kind": "display", "data": {"image/png": "aGVsbG8="}},
    ]  # fmt: skip
    outputs = clean_outputs(sent + [{"kind": "stream", "text": "x"}] * 2000)
    assert [out["output_type"] for out in outputs[:5]] == [
        "stream", "stream", "error", "execute_result", "display_data"
    ]  # fmt: skip
    assert outputs[1]["text"] == "a\x1b[31mb\n" and outputs[2]["evalue"] == "?"
    assert outputs[3]["data"] == {"text/plain": "3"} and len(outputs) < 1001
    json.dumps(outputs).encode("utf-8")


def test_a_text_keeps_no_sign_that_turns_or_hides_others():
    assert clean_text("a\u202eb\u2066c\x9bd\x07e\tf") == "abcde\tf"


# ---------------------------------------------------------------- processes side by side


def work(base, kind, number):
    if number == 3:
        raise ValueError("three")
    if number == 4:
        os._exit(1)
    return base + number


@pytest.mark.slow
def test_jobs_are_done_side_by_side_and_none_holds_the_others_up():
    jobs = [("a", 1), ("b", 2), ("a", 3), ("b", 4), ("a", 5)]
    done = {job: (value, problem) for job, value, problem in run_jobs(work, (10,), jobs, 2)}
    assert done["a", 1] == (11, "") and done["b", 2] == (12, "") and done["a", 5] == (15, "")
    assert done["a", 3] == (None, "ValueError: three")
    assert done["b", 4][1] == "it ended the process that grades, twice"


if sys.platform == "win32":
    pytest.skip("names of folders are others there", allow_module_level=True)
