#!/bin/sh
# Installs the Python peers of PeerServingBench, each into a virtual environment below tests/target/serving-peers, unless it
# is there. Needs python3 with venv and pip. Why one can't be installed is in NAME.log beside it; the benchmark goes on
# without it.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
peers=$here/../target/serving-peers
mkdir -p "$peers"
for requirements in "$here"/requirements/*.txt; do
    name=$(basename "$requirements" .txt)
    installed=$peers/$name/loupe-requirements.txt
    cmp -s "$requirements" "$installed" && continue
    echo "Installing the peer $name of the benchmark." >&2
    if {
        python3 -m venv --clear "$peers/$name" &&
            "$peers/$name/bin/pip" install -q --disable-pip-version-check -r "$requirements"
    } >"$peers/$name.log" 2>&1; then
        cp "$requirements" "$installed"
    else
        tail -n 3 "$peers/$name.log" >&2
    fi
done
