#!/bin/sh
# Installs the Python peers of LearningBench and MemoryBench into the virtual environment "venv-learning" below LOUPE_TOOLS (default:
# ~/.cache/loupe-tools), unless it is there. Needs python3 with venv, pip and a C compiler.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
venv=${LOUPE_TOOLS:-$HOME/.cache/loupe-tools}/venv-learning
installed=$venv/loupe-requirements.txt
cmp -s "$here/requirements.txt" "$installed" && exit

python3 -m venv --clear "$venv"
"$venv/bin/pip" install -q --disable-pip-version-check -r "$here/requirements.txt"
"$venv/bin/pip" install -q --disable-pip-version-check --no-deps torch==2.7.1 anomalib==2.7.0

# The package of torch for Linux is linked with GPU libraries of some gigabytes, which a computation on the CPU never
# calls. Empty libraries of their names take their place; peers.py binds lazily.
site=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
for library in libcublas.so.12 libcublasLt.so.12 libcudnn.so.9 libcufft.so.11 libcurand.so.10 libcusolver.so.11 \
    libcusparse.so.12 libcusparseLt.so.0 libnccl.so.2; do
    echo 'void loupe_unused(void) {}' |
        "${CC:-cc}" -x c -shared -Wl,-soname,$library -o "$site/torch/lib/$library" -
done
for library in "$site"/nvidia/*/lib/*.so*; do
    ln -sf "$library" "$site/torch/lib/"
done
cp "$here/requirements.txt" "$installed"
