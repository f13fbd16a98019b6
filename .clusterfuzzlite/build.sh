#!/bin/bash -eu
# SPDX-License-Identifier: Apache-2.0
exec bash -eu "$SRC/interplay/oss-fuzz/build.sh"
