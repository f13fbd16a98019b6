# SPDX-License-Identifier: Apache-2.0
#
# A machine that builds and tests Interplay: what scripts/install-dependencies installs, which needs nothing else of the sources,
# so that they are not part of the image (tests/container_test.py).
#
#   docker build -t interplay .
#   docker run -it --rm -v "$PWD":/work interplay scripts/fuzz
FROM debian:bookworm

COPY scripts/install-dependencies scripts/lib.sh /opt/interplay/scripts/
COPY cmake/clang.cmake cmake/afl.cmake /opt/interplay/cmake/
# With AFL++, so that scripts/fuzz --engine afl has it.
RUN /opt/interplay/scripts/install-dependencies afl && \
    apt-get -qq -y --no-install-recommends install git && \
    rm -rf /var/lib/apt/lists/*

WORKDIR /work
CMD ["bash"]
