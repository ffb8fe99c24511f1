"""What people are shown of a submission: nothing that runs in their browser, nothing hidden.

Feedback pages and nbgrader's Formgrader show what a student's code put out, to an instructor who
is logged in. So outputs are rebuilt from what is known to be harmless: text, pictures, players,
tables.
"""

import html
import re
from html.parser import HTMLParser

__all__ = ["DATA", "clean_html", "clean_outputs", "clean_text"]

LONGEST_TEXT = 120_000
LONGEST_PAGE = 50_000  # without the data of pictures and sounds
MOST_OUTPUTS = 1_000
BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")
DATA = re.compile(r"data:(?:image/(?:png|jpeg|gif)|audio/[\w.+-]{1,20});base64,[A-Za-z0-9+/=]+")
TAGS = frozenset(
    "audio b br caption code details div em figcaption figure h1 h2 h3 h4 h5 h6 hr i img li ol p "
    "pre small source span strong sub summary sup table tbody td tfoot th thead tr u ul".split()
)
EMPTY = frozenset(("br", "hr", "img", "source"))
ATTRIBUTES = frozenset(
    "align alt aria-label colspan controls height lang open preload role rowspan scope src style "
    "title type width".split()
)
STYLE = re.compile(r"(?!.*(?:url|position|expression|@))[\w\s:;%.,#-]*", re.I | re.S)
CONTROL = re.compile(
    r"[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]"
)


def clean_text(value: object, most: int = LONGEST_TEXT) -> str:
    """Return a text that every file can hold, without control characters but colours."""
    text = value if isinstance(value, str) else str(value)
    text = CONTROL.sub("", text[:most].replace("\r\n", "\n"))
    return text.encode("utf-8", "replace").decode("utf-8")


class _Page(HTMLParser):
    def __init__(self, data: list[str]):
        super().__init__(convert_charrefs=True)
        self.data, self.skipping = data, 0
        self.made: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag in ("script", "style"):
            self.skipping += 1
        if tag not in TAGS or self.skipping:
            return
        kept = []
        for name, value in attrs:
            value = value or ""
            known = re.fullmatch(r"data:(\d{1,4})", value)
            if name == "src":
                if not known or int(known[1]) >= len(self.data):
                    continue
                value = self.data[int(known[1])]
            elif name not in ATTRIBUTES or (name == "style" and not STYLE.fullmatch(value)):
                continue
            kept.append(f' {name}="{html.escape(value)}"')
        self.made.append(f"<{tag}{''.join(kept)}>")

    def handle_endtag(self, tag):
        if tag in ("script", "style"):
            self.skipping = max(0, self.skipping - 1)
        elif tag in TAGS - EMPTY and not self.skipping:
            self.made.append(f"</{tag}>")

    def handle_data(self, data):
        if not self.skipping:
            self.made.append(html.escape(data))


def clean_html(page: str) -> str | None:
    """Return HTML with tables, pictures and players, and nothing that runs; None if too long."""
    data: list[str] = []

    def number(found: re.Match) -> str:
        data.append(found[0])
        return f"data:{len(data) - 1}"

    shell = DATA.sub(number, page)
    if len(shell) > LONGEST_PAGE:
        return None
    parser = _Page(data)
    parser.feed(shell)
    parser.close()
    return "".join(parser.made)


def clean_outputs(shown: list) -> list[dict]:
    """Rebuild the outputs of a cell, as nbformat has them, from what a student's process sent."""
    outputs = [_clean(output) for output in shown[:MOST_OUTPUTS] if isinstance(output, dict)]
    return [output for output in outputs if output]


def _clean(output: dict) -> dict | None:
    kind, data = output.get("kind"), output.get("data")
    if kind == "stream":
        # Not stderr: there nbgrader gives no points
        text = clean_text(output.get("text", ""))
        return {"output_type": "stream", "name": "stdout", "text": text}
    if kind == "error":
        lines = clean_text(output.get("traceback", "")).splitlines()
        return {
            "output_type": "error",
            "ename": clean_text(output.get("name", ""), 100),
            "evalue": clean_text(output.get("text", ""), 1000),
            "traceback": lines,
        }
    if kind not in ("display", "result") or not isinstance(data, dict):
        return None
    kept = {}
    if isinstance(data.get("text/plain"), str):
        kept["text/plain"] = clean_text(data["text/plain"], 20_000)
    for kind_of_image in ("image/png", "image/jpeg"):
        if isinstance(image := data.get(kind_of_image), str) and BASE64.fullmatch(image):
            kept[kind_of_image] = image
    if isinstance(page := data.get("text/html"), str):
        clean = clean_html(clean_text(page, len(page)))
        kept |= {} if clean is None else {"text/html": clean}
    if not kept:
        return None
    if kind == "result":
        return {
            "output_type": "execute_result",
            "execution_count": None,
            "metadata": {},
            "data": kept,
        }
    return {"output_type": "display_data", "metadata": {}, "data": kept}
