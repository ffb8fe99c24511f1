# The course in short commands; `make help` lists them. Windows and conda: see README.md.

# The first Python that can run the course; `make lab PYTHON=python3.12` chooses another one.
candidates := .venv/bin/python python3 python3.13 python3.12 python3.11
suitable := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON = $(or $(shell for p in $(candidates); do \
	"$$p" -c "$(suitable)" 2>/dev/null && echo "$$p" && break; done),python3)
LAB_ARGS =
ASSIGNMENT =
BENCHMARK_ARGS =
HOST = 127.0.0.1
PORT = 8000
course := .venv/bin/python

# With these trainings take less time: see tests/run_all.py
MALLOC_TOP_PAD_ ?= 268435456
MALLOC_MMAP_THRESHOLD_ ?= 4294967296
MALLOC_TRIM_THRESHOLD_ ?= 4294967296
TF_ENABLE_ONEDNN_OPTS ?= 1
export MALLOC_TOP_PAD_ MALLOC_MMAP_THRESHOLD_ MALLOC_TRIM_THRESHOLD_ TF_ENABLE_ONEDNN_OPTS

.DEFAULT_GOAL := help
.PHONY: help setup lab serve test test-fast data outputs lint clean clean-all
.PHONY: assignments grade student-edition site benchmark hooks lock # instructors

help: ## list these commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' Makefile | expand -t 24

setup: ## install what the course needs into .venv (the other commands do it when it is needed)
	@python="$(PYTHON)"; command -v "$$python" >/dev/null || { echo "This course needs Python\
	 3.11, 3.12 or 3.13; $$python was not found. Install one of them, then run: make lab" >&2; \
	exit 1; }; "$$python" course_utils/setup/bootstrap.py

lab: setup ## open JupyterLab at the first chapter; LAB_ARGS="--no-browser --port 8889" are passed on
	@$(course) -m course_utils.setup.lab $(LAB_ARGS)

# Small matrices: a second thread in NumPy would only wait for the first
serve: setup ## start digits (chapter 13) and assistant (14) with their page; PORT=8001 chooses another port
	@OMP_NUM_THREADS=1 $(course) -m course_utils.serving.service --host $(HOST) --port $(PORT)

test: setup ## run every test: units, notebooks, guards, browser
	@$(course) tests/run_all.py

test-fast: setup ## run the tests that train nothing, while you change something
	@$(course) tests/run_all.py --fast

# instructors
assignments: setup ## build and check what students are given, in build/release/; ASSIGNMENT=01_signals for one
	@$(course) -m course_utils.instructors.assignments release $(ASSIGNMENT)

grade: setup ## grade what lies in build/submitted/ (INSTRUCTORS.md); ASSIGNMENT=01_signals for one
	@$(course) -m course_utils.instructors.assignments grade $(ASSIGNMENT)

student-edition: setup ## build the course without any solution, in build/student-edition/, to publish
	@$(course) -m course_utils.instructors.student_edition

site: setup ## build the course as a web site without any solution, in build/site/, to read or publish
	@$(course) -m course_utils.site.build
# /instructors

data: setup ## download the recordings of real people (16 MB), to be ready for work offline
	@$(course) -m course_utils.setup.download

outputs: setup ## run every notebook again and store its outputs
	@$(course) tests/execute_notebooks.py

lint: setup ## check style, spelling and types
	@$(course) -m ruff check . && $(course) -m ruff format --check . && \
		$(course) -m codespell_lib && $(course) -m mypy

# instructors
benchmark: setup ## measure again what changed since; BENCHMARK_ARGS="--list" lists it, "all --store" measures all
	@$(course) -m tests.benchmarks $(BENCHMARK_ARGS)

hooks: setup ## for maintainers: `make lint` before each commit, notebooks compared cell by cell (nbdime)
	@$(course) -m pre_commit install
	@git config diff.jupyternotebook.command ".venv/bin/git-nbdiffdriver diff"
	@git config merge.jupyternotebook.driver ".venv/bin/git-nbmergedriver merge %O %A %B %L %P"

LOCK_ARGS =
resolve = uv pip compile $(1) $(LOCK_ARGS) --universal --fork-strategy fewest --python-version 3.11 \
	--generate-hashes --quiet --custom-compile-command "make lock" --output-file $(2)
hub = sed -n '/^hub = /,/^]/s/^ *"\(.*\)",/\1/p' pyproject.toml
lock: ## resolve pyproject.toml into requirements.lock, and for the hub (maintainers; needs uv)
	$(call resolve,pyproject.toml --extra test --extra site,requirements.lock)
	$(hub) | $(call resolve,- --constraint requirements.lock,tests/hub/requirements.lock)
# /instructors

# What students handed in, and their grades, cannot be made again.
kept := submitted collected autograded feedback gradebook.db grades.csv
clean: ## remove what was generated, but not .venv, and no submission or grade
	[ ! -d build ] || find build -mindepth 1 -maxdepth 1 $(kept:%=! -name %) -exec rm -rf {} +
	rm -rf .ruff_cache .pytest_cache *.egg-info
	find . -path ./.venv -prune -o \( -name __pycache__ -o -name .ipynb_checkpoints \) \
		-type d -prune -exec rm -rf {} +

clean-all: clean ## remove .venv as well
	rm -rf .venv
