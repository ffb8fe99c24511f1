# The course in a container, with the versions of requirements.lock (README.md, "Containers").
#   docker build -t speech-recognition-course .
#   docker run --rm -p 127.0.0.1:8888:8888 speech-recognition-course
FROM python:3.12-slim-bookworm

# make: the commands of the README; git: Jupyter's differences, and the student edition
RUN apt-get update \
    && apt-get install -y --no-install-recommends make git \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 1000 student \
    && install --directory --owner=student /course

USER student
WORKDIR /course
# The packages first: a change of a chapter does not install them again
COPY --chown=student requirements.lock Makefile ./
COPY --chown=student course_utils/setup course_utils/setup
RUN PIP_NO_CACHE_DIR=1 make setup
COPY --chown=student . .
RUN make setup

EXPOSE 8888
# Reachable from outside the container, so with Jupyter's token, which it prints
CMD ["make", "lab", "LAB_ARGS=--ip=0.0.0.0 --port=8888 --no-browser"]
