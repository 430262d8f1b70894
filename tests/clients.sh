#!/bin/sh
# Installs the third-party clients that tests of the gRPC and HTTP API use, below LOUPE_TOOLS (default: ~/.cache/loupe-tools):
# NVIDIA's tritonclient, KServe's SDK, grpcurl and ghz. Tests that need one are skipped without it. Needs python3 with venv
# and pip, and Go.
set -eu

tools=${LOUPE_TOOLS:-$HOME/.cache/loupe-tools}
mkdir -p "$tools/bin"

# python ENVIRONMENT PACKAGE...
python() {
    environment=$tools/$1
    shift
    python3 -m venv "$environment"
    "$environment/bin/pip" install -q --disable-pip-version-check "$@"
}

python venv 'tritonclient[all]==2.73.0' numpy==2.4.6 pillow==13.0.0
python venv-kserve kserve==0.21.0 pillow==13.0.0
GOBIN=$tools/bin go install github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.4
GOBIN=$tools/bin go install github.com/bojand/ghz/cmd/ghz@v0.93.0
