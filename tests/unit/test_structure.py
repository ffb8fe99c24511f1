"""The package's structure: imports run one way, lists are true, nothing is set for everybody."""

import ast
import functools
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import course_utils

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "course_utils"
LARGEST_CORE = 2000  # lines that a student reads

# Each module imports only from those before it. The core's are in the docstring of the package.
ORDER = """
    setup.bootstrap setup.lab
    paths setup.download setup.quiet setup.quiet_tensorflow setup.cluster
    setup.fused_normalisation
    files corpora audio features augmentation metrics results layers models training
    connected_digits ctc plotting widgets
    setup.machine
    lessons.predictions lessons.gaps lessons
    serving serving.phrases serving.encryption serving.runtimes serving.export serving.network_input
    serving.step_network serving.voice_activity serving.recordings serving.streaming
    serving.recorder serving.assistant serving.dialogue serving.service
    instructors.wire instructors.confinement instructors.answers instructors.sandbox
    instructors.examination instructors.proxies instructors.cells instructors.feedback
    instructors.examiner instructors.pages instructors.grading instructors.reading
    instructors.submissions instructors.results instructors.workers instructors.class_report
    instructors.assignments instructors.student_edition
    site.diagrams site.staging site.extension site.tables site.welcome site.recogniser site.build
""".split()
ROOMS = ("setup.", "lessons", "serving", "instructors", "site.")
NOT_FOR_STUDENTS = ("instructors", "site.")
CORE = [name for name in ORDER if not name.startswith(ROOMS)]
NO_PLACE = {"", "setup", "instructors"}  # packages without code
REEXPORTED = {  # to a reader, these belong here
    "corpora": {"CorpusError", "download_fsdd"},
    "lessons": {"Prediction", "check_gap", "predict"},
}
WITH_TENSORFLOW = {"layers", "models", "training", "ctc"}

# Modules of the core that one chapter alone imports, and no other module: why they are here.
ONE_CHAPTER: dict[str, str] = {}


# ---------------------------------------------------------------- reading the sources


def module_name(path: Path, package: Path = PACKAGE) -> str:
    """Name a file of the package: ``audio``, ``serving.export``, ``serving`` for its __init__."""
    parts = path.relative_to(package).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def sources() -> dict[str, str]:
    """Return the source of each module of the package."""
    return {module_name(path): path.read_text("utf-8") for path in PACKAGE.rglob("*.py")}


@functools.cache
def parsed(source: str) -> ast.Module:
    return ast.parse(source)


def imports(source: str, known: set[str]) -> set[tuple[str, str]]:
    """Return (module of the package, name taken from it or "") for each import, also inside."""
    found = set()
    for node in ast.walk(parsed(source)):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names if alias.name.startswith("course_utils")]
            found |= {(module.removeprefix("course_utils").lstrip("."), "") for module in modules}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports of the package name it"
            if node.module.split(".")[0] == "course_utils":
                module = node.module.removeprefix("course_utils").lstrip(".")
                for alias in node.names:
                    inner = f"{module}.{alias.name}".lstrip(".")
                    found.add((inner, "") if inner in known else (module, alias.name))
    return found


def notebook_sources() -> dict[Path, str]:
    """Return the code of each notebook, without lines that are for IPython."""
    code = {}
    for path in sorted((ROOT / "notebooks").rglob("*.ipynb")):
        if ".ipynb_checkpoints" not in path.parts:
            cells = json.loads(path.read_text("utf-8"))["cells"]
            text = "\n\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")
            code[path.relative_to(ROOT)] = re.sub(r"^\s*[%!].*$", "", text, flags=re.M)
    return code


@pytest.fixture(scope="module")
def modules():
    return sources()


@pytest.fixture(scope="module")
def notebooks():
    return notebook_sources()


# ---------------------------------------------------------------- imports run one way


def wrong_imports(modules: dict[str, str], order: list[str]) -> list[str]:
    """Say which module imports one that does not come before it."""
    found = []
    for name, source in modules.items():
        for module, _ in sorted(imports(source, set(modules))):
            before = order[: order.index(name)] if name in order else []
            if module not in before:
                found.append(f"{name or 'course_utils'} imports {module or 'course_utils'}")
    return found


def test_each_module_has_its_place_in_the_order(modules):
    assert set(modules) - set(ORDER) - NO_PLACE == set(), "put it into ORDER"
    missing = set(ORDER) - set(modules)
    assert all(name.startswith(NOT_FOR_STUDENTS) for name in missing), missing  # student edition
    assert len(ORDER) == len(set(ORDER))


def test_the_docstring_of_the_package_has_the_order_of_the_core():
    listed = re.search(r"Read the modules.*?They are", course_utils.__doc__, flags=re.S)[0]
    names = [name for name in re.findall(r"`(\w+)`", listed) if name != "setup"]
    assert names == CORE


def test_imports_run_one_way(modules):
    assert wrong_imports(modules, ORDER) == []


def test_packages_without_code_import_nothing(modules):
    for name in NO_PLACE & set(modules):
        assert all(isinstance(node, ast.Expr) for node in parsed(modules[name]).body), (
            f"{name}: only a docstring"
        )


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("audio", "from course_utils.plotting import show"),
        ("audio", "from course_utils import corpora, plotting"),
        ("audio", "import course_utils.serving.export"),
        ("features", "def late():\n    from course_utils import training"),
        ("widgets", "from course_utils.serving import DeploymentError"),
        ("serving.service", "from course_utils.instructors import grading"),
        ("setup.bootstrap", "from course_utils.paths import ROOT"),
        ("setup.quiet", "import course_utils.corpora"),
        ("paths", "from course_utils import paths"),
    ],
)
def test_an_import_upwards_is_found(modules, module, line):
    broken = {**modules, module: f"{modules[module]}\n{line}\n"}
    assert [found.split()[0] for found in wrong_imports(broken, ORDER)] == [module]


def test_the_package_imports_nothing_beside_it(modules):
    """Whoever copies course_utils to another place has all of it."""
    for name, source in modules.items():
        for node in ast.walk(parsed(source)):
            names = [node.module] if isinstance(node, ast.ImportFrom) else []
            names += [a.name for a in node.names] if isinstance(node, ast.Import) else []
            assert not {n.split(".")[0] for n in names} & {"tests", "data", "notebooks"}, name


def instructors_in(code: dict[Path, str], known: set[str]) -> list[str]:
    """Say which notebook of students imports what grades it, except the hidden tests."""
    found = []
    for path, source in code.items():
        taken = {m for m, _ in imports(source, known) if m.startswith("instructors")}
        allowed = {"instructors.examination"} if "exercises" in path.parts else set()
        found += [f"{path} imports {module}" for module in sorted(taken - allowed)]
    return found


def test_no_chapter_needs_what_is_for_instructors(notebooks, modules):
    known = {*modules, "instructors.examination"}
    assert instructors_in(notebooks, known) == []
    grading = "from course_utils.instructors import grading"
    for path in ("notebooks/05_cnn.ipynb", "notebooks/exercises/05_cnn/cnn.ipynb"):
        broken = {Path(path): grading}
        assert instructors_in(broken, {*known, "instructors.grading"}) != []


# ---------------------------------------------------------------- what a module exports


def exported(source: str) -> list[str] | None:
    """Return a module's `__all__`, if it has one."""
    for node in parsed(source).body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        targets = [node.target] if isinstance(node, ast.AnnAssign) else targets
        if any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets):
            return ast.literal_eval(node.value)
    return None


def defined(source: str) -> set[str]:
    """Return what a module defines at its top level: functions, classes, constants."""
    names = set()
    for node in parsed(source).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                names |= {n.id for n in ast.walk(target) if isinstance(n, ast.Name)}
    return names


def wrong_exports(name: str, source: str) -> list[str]:
    """Say what is wrong with a module's `__all__`."""
    names = exported(source)
    if names is None:
        return [f"{name} has no __all__"]
    known = defined(source) | REEXPORTED.get(name, set())
    found = [f"{name} exports {n}, which it does not define" for n in names if n not in known]
    if len(names) != len(set(names)):
        found.append(f"{name} exports a name twice")
    return found


def test_each_module_lists_what_it_exports(modules):
    assert [w for n in ORDER if n in modules for w in wrong_exports(n, modules[n])] == []


def test_what_is_exported_twice_is_still_needed(modules):
    for name, names in REEXPORTED.items():
        assert names <= set(exported(modules[name])) - defined(modules[name])


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("def f(): ...", "no __all__"),
        ("__all__ = ['g']\ndef f(): ...", "exports g, which it does not define"),
        ("from math import pi\n__all__ = ['pi']", "exports pi"),
        ("__all__ = ['f', 'f']\ndef f(): ...", "twice"),
    ],
)
def test_a_wrong_list_is_found(source, reason):
    (found,) = wrong_exports("example", source)
    assert reason in found
    assert wrong_exports("example", "__all__ = ['A', 'f']\nA: int = 1\ndef f(): ...") == []


def unlisted(code: dict, modules: dict[str, str]) -> list[str]:
    """Say which names are taken from a module that does not list them, or has them not at all."""
    lists = {name: set(exported(source) or ()) for name, source in modules.items()}
    return [
        f"{user} takes {name} from {module}"
        for user, source in code.items()
        for module, name in sorted(imports(source, set(modules)))
        if name and module in modules and name not in lists[module]
    ]


def test_what_others_take_from_a_module_is_in_its_list(modules, notebooks):
    assert unlisted(modules, modules) == []
    assert unlisted(notebooks, modules) == []
    broken = {"example": "from course_utils.features import NETWORK_FRAMES, compress"}
    assert unlisted(broken, modules) == ["example takes compress from features"]


# ---------------------------------------------------------------- thin


def lines_of(modules: dict[str, str]) -> int:
    """Count the lines of the modules beside __init__.py, and of it, as `wc -l` does."""
    return sum(text.count("\n") for name, text in modules.items() if name in (*CORE, ""))


def test_the_core_can_be_read_in_an_evening(modules):
    assert lines_of(modules) <= LARGEST_CORE
    files = [path.read_text("utf-8") for path in PACKAGE.glob("*.py")]
    assert lines_of(modules) == sum(text.count("\n") for text in files), "count all of them"
    longer = {**modules, "audio": modules["audio"] + "\n" * LARGEST_CORE}
    assert lines_of(longer) > LARGEST_CORE


def chapter_of(path: Path) -> str:
    """Return the number of a chapter, or of the chapter that an exercise belongs to."""
    return path.parts[2][:2] if "exercises" in path.parts else path.name[:2]


def used_once(
    code: dict[Path, str], modules: dict[str, str], commands: str, excused: dict[str, str]
) -> list[str]:
    """Say which modules of the core fewer than two chapters and no other module import."""
    chapters = {name: set() for name in CORE}
    for path, source in code.items():
        for module, _ in imports(source, set(modules)):
            if module in chapters:
                chapters[module].add(chapter_of(path))
    inside = {m for source in modules.values() for m, _ in imports(source, set(modules))}
    found = []
    for name, users in chapters.items():
        has_command = f"-m course_utils.{name}" in commands
        if len(users) < 2 and name not in inside and not has_command and name not in excused:
            found.append(f"{name} is imported by {', '.join(sorted(users)) or 'nobody'} alone")
    return found


def test_what_stands_in_the_core_is_used_twice(notebooks, modules):
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert used_once(notebooks, modules, makefile, ONE_CHAPTER) == []


def test_what_is_excused_needs_it_and_says_why(notebooks, modules):
    makefile = (ROOT / "Makefile").read_text("utf-8")
    found = used_once(notebooks, modules, makefile, {})
    assert {line.split()[0] for line in found} == set(ONE_CHAPTER)
    assert all(len(reason.split()) > 5 for reason in ONE_CHAPTER.values())


def test_a_module_of_one_chapter_is_found(notebooks, modules):
    use = "from course_utils.plotting import show"
    alone = {Path("notebooks/05_cnn.ipynb"): use, Path("notebooks/exercises/05_cnn/cnn.ipynb"): use}
    lonely = {**modules, "widgets": "", "serving.recorder": "", "lessons.predictions": ""}
    found = used_once(alone, lonely, "", ONE_CHAPTER)
    assert "plotting is imported by 05 alone" in found
    assert any(line.startswith("widgets is imported by nobody") for line in found)
    both = {**alone, Path("notebooks/06_rnn.ipynb"): use}
    assert "plotting is imported by 05 alone" not in used_once(both, lonely, "", ONE_CHAPTER)
    command = "python -m course_utils.plotting"
    assert "plotting is imported by 05 alone" not in used_once(alone, lonely, command, ONE_CHAPTER)


# ---------------------------------------------------------------- nothing is set for everybody

BY_LIBRARIES = {  # variables that TensorFlow sets itself when it is imported
    "ENABLE_RUNTIME_UPTIME_TELEMETRY", "HDF5_PLUGIN_PATH", "KMP_DUPLICATE_LIB_OK",
    "KMP_INIT_AT_FORK", "TF2_BEHAVIOR", "TPU_ML_PLATFORM", "TPU_ML_PLATFORM_VERSION",
}  # fmt: skip
IMPORT_ALL = """
import importlib, os, sys, threading
before, threads = dict(os.environ), threading.active_count()
{damage}
for name in sys.argv[1:]:
    importlib.import_module("course_utils." + name)
changed = {{name for name, value in os.environ.items() if before.get(name) != value}}
changed |= set(before) - set(os.environ)
assert changed <= {libraries}, f"the environment is not what it was: {{changed}}"
if "tensorflow" in sys.modules:
    import tensorflow as tf
    iterate = tf.data.Dataset.__iter__
    assert iterate.__module__.startswith("tensorflow."), iterate.__module__
    assert iterate.__code__.co_filename.startswith(os.path.dirname(tf.__file__))
    assert iterate.__qualname__ == "DatasetV2.__iter__", iterate.__qualname__
print("tensorflow" in sys.modules, "keras" in sys.modules, threading.active_count() - threads)
"""


def import_all(names: list[str], damage: str = "") -> subprocess.CompletedProcess:
    """Import modules in a fresh Python that compares its environment before and afterwards."""
    script = IMPORT_ALL.format(damage=damage, libraries=BY_LIBRARIES)
    return subprocess.run(
        [sys.executable, "-c", script, *names],
        env={**os.environ, "PYTHONPATH": str(ROOT), "COURSE_CORPUS": "embedded"},
        capture_output=True,
        text=True,
    )


def test_a_chapter_without_a_network_starts_without_tensorflow():
    done = import_all([name for name in CORE if name not in WITH_TENSORFLOW])
    assert (done.returncode, done.stdout, done.stderr) == (0, "False False 0\n", "")


def test_only_some_modules_import_tensorflow(modules):
    quiet = {
        name
        for name in CORE
        if ("setup.quiet_tensorflow", "") in imports(modules[name], set(modules))
    }
    assert quiet == WITH_TENSORFLOW


@pytest.mark.slow
def test_importing_the_core_sets_and_patches_nothing():
    names = [name for name in ORDER if not name.startswith(NOT_FOR_STUDENTS)]
    done = import_all(names)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("True True") and done.stderr == "", "it is quiet, too"


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        ("os.environ['CUDA_VISIBLE_DEVICES'] = '-1'", "not what it was: {'CUDA_VISIBLE_DEVICES'}"),
        ("del os.environ['COURSE_CORPUS']", "not what it was: {'COURSE_CORPUS'}"),
        pytest.param(
            "import course_utils.setup.quiet_tensorflow, tensorflow as tf\n"
            "tf.data.Dataset.__iter__ = lambda self: iter(())",
            "AssertionError: __main__",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_what_is_set_or_patched_is_found(damage, reason):
    done = import_all(["paths"], damage)
    assert done.returncode == 1 and reason in done.stderr
