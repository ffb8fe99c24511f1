"""`make site`: the course as a web site, from the outputs that the notebooks store.

    python -m course_utils.site.build

Nothing is run again and nothing is loaded from elsewhere, when the site is made or when it is
read; a warning of Sphinx is an error. The site lies in build/site/.
"""

from __future__ import annotations

import io
import re
import sys
import tempfile
import time
from pathlib import Path

from course_utils.files import WriteError, written_whole
from course_utils.instructors.student_edition import EditionError
from course_utils.paths import ROOT
from course_utils.serving import DeploymentError
from course_utils.site.diagrams import DiagramError
from course_utils.site.recogniser import talk_page, write_recogniser
from course_utils.site.staging import SiteError, stage
from course_utils.site.tables import results_page, status_page
from course_utils.site.welcome import recognise_example, welcome_page

from sphinx.application import Sphinx
from sphinx.errors import SphinxError
from sphinx.util.docutils import docutils_namespace, patch_docutils

__all__ = ["build", "main"]

TITLE = "Speech recognition with Keras"
LARGEST_SITE, LARGEST_PAGE = 60e6, 3e6  # bytes
SETTINGS = {
    "project": TITLE,
    "html_title": TITLE,
    "language": "en",
    "extensions": ["myst_nb", "course_utils.site.extension"],
    "exclude_patterns": [],
    "nb_execution_mode": "off",
    "nb_merge_streams": True,
    "myst_enable_extensions": ["amsmath", "dollarmath"],
    "myst_heading_anchors": 4,
    "myst_heading_slug_func": "course_utils.site.extension.heading_anchor",
    "smartquotes": False,
    "highlight_language": "text",
    "html_theme": "course",
    "html_math_renderer": "mathml",
    "html_copy_source": False,
    "html_use_index": False,
    "html_permalinks_icon": "#",
}
CODES = re.compile(r"\x1b\[[\d;]*m")  # colours of a terminal


def build(root: Path, target: Path) -> dict[str, float]:
    """Write the site of the course in `root` to `target`; return its size and largest page.

    Raises
    ------
    SiteError, WriteError
        A page cannot be made, a link leads nowhere, or something is too large. An older site
        stays as it was.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, written_whole(target) as site:
        staged, downloads = Path(folder, "pages"), Path(folder, "downloads")
        pages, example = stage(root, staged, downloads), recognise_example()
        problem = write_recogniser(downloads / "talk", example, root / "build" / "npm")
        for name, text in {
            "results.md": results_page(root),
            "status.md": status_page(root),
            "index.md": welcome_page(root, pages, example),
            "talk.md": talk_page(downloads / "talk", example, problem),
        }.items():
            (staged / name).write_text(text, encoding="utf-8")
        run_sphinx(staged, site, Path(folder, "doctrees"), downloads)
        if problem:
            print(f"The page to talk to has no recogniser. {problem}", file=sys.stderr)
        return check_sizes(site)


def run_sphinx(source: Path, target: Path, doctrees: Path, downloads: Path) -> None:
    """Run Sphinx; raise `SiteError` with its warnings if it has any."""
    said = io.StringIO()
    settings = {**SETTINGS, "html_extra_path": [str(downloads)]}
    try:
        with patch_docutils(), docutils_namespace():
            app = Sphinx(
                source, None, target, doctrees, "html", settings,
                status=None, warning=said, freshenv=True, parallel=2,
            )  # fmt: skip
            app.build(force_all=True)
    except SphinxError as error:
        raise SiteError(f"Sphinx stopped: {error}") from error
    warnings = CODES.sub("", said.getvalue()).replace(f"{source}/", "").strip()
    if warnings:
        raise SiteError(f"Sphinx warns, and a warning is an error here:\n{warnings}")


def check_sizes(site: Path) -> dict[str, float]:
    """Return the bytes of the site and of its largest page; refuse what is too large."""
    sizes = {path: path.stat().st_size for path in site.rglob("*") if path.is_file()}
    pages = {path: size for path, size in sizes.items() if path.suffix == ".html"}
    largest = max(pages, key=pages.__getitem__)
    if pages[largest] > LARGEST_PAGE:
        raise SiteError(f"{largest.name} has {pages[largest]:,} bytes: {LARGEST_PAGE:,.0f} at most")
    if sum(sizes.values()) > LARGEST_SITE:
        raise SiteError(f"the site has {sum(sizes.values()):,} bytes: {LARGEST_SITE:,.0f} at most")
    return {"pages": len(pages), "bytes": sum(sizes.values()), "largest": pages[largest]}


def main() -> int:
    """Write build/site/, or say why not."""
    began, target = time.monotonic(), ROOT / "build" / "site"
    try:
        size = build(ROOT, target)
    except (SiteError, WriteError, DiagramError, EditionError, DeploymentError) as error:
        print(f"There is no new site. {error}", file=sys.stderr)
        return 1
    print(
        f"{target.relative_to(ROOT)}/: {size['pages']:.0f} pages, {size['bytes'] / 1e6:.1f} MB, "
        f"in {time.monotonic() - began:.0f} s. Read it with:\n"
        f"  {Path(sys.executable).name} -m http.server --directory build/site "
        "--bind 127.0.0.1 8080\nand open http://127.0.0.1:8080"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
