"""nbgrader's settings for everybody on a hub: copy this file to /etc/jupyter/ (INSTRUCTORS.md).

COURSE_EXCHANGE : the folder that all users share, writable for everybody
COURSE_FOLDER : what nbgitpuller's link calls the course in a student's home
"""

import os
from pathlib import Path

from nbgrader.exchange.default import ExchangeCollect, ExchangeFetchAssignment


class Fetch(ExchangeFetchAssignment):
    """Note when an assignment was fetched: `make grade` reports how long people take."""

    def copy_files(self):
        """Copy the assignment, and put the time beside it; it is handed in as well."""
        super().copy_files()
        note = Path(self.dest_path, "fetched.txt")
        if not note.exists():
            note.write_text(self.timestamp, encoding="ascii")


class Collect(ExchangeCollect):
    """Collect each submission under the name of the account that owns the file.

    `nbgrader submit --student=bob` puts another name on it. nbgrader alone warns of that, and
    then puts it in the place of Bob's own. With ``check_owner = False``, for hubs where all
    files have one owner, the name on the submission counts.
    """

    def _path_to_record(self, path):
        record = super()._path_to_record(path)
        owner = record["username"]
        if self.check_owner:
            try:
                owner = Path(path).owner()
            except KeyError:  # an account that this machine does not know
                owner = f"user-id-{Path(path).stat().st_uid}"
        if owner != record["username"]:
            self.log.warning(
                "%s says that it is by %s, but %s handed it in: collected as %s's.",
                record["filename"], record["username"], owner, owner,
            )  # fmt: skip
        return record | {"username": owner}


c = get_config()  # noqa: F821
c.CourseDirectory.course_id = "speech-recognition"
c.Exchange.root = os.environ.get("COURSE_EXCHANGE", "/srv/nbgrader/exchange")
c.ExchangeFactory.fetch_assignment = Fetch
c.ExchangeFactory.collect = Collect
# Students hand in from their copy of the course, where the links of an assignment work. Who has
# deleted it works in the home folder until the link has fetched the course again.
exercises = Path.home() / os.environ.get("COURSE_FOLDER", "course") / "notebooks" / "exercises"
c.Exchange.assignment_dir = str(exercises if exercises.is_dir() else Path.home())
