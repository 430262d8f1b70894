#!/bin/sh
# Builds the console's pages into the folder $1 with the Node of this machine. Without a fitting Node it says so, and
# leaves the folder empty. Maven runs it.
set -eu
cd "$(dirname "$0")"
pages=$1
stamp=target/built
oldest=20.19

leave_out() {
    rm -rf "$pages" "$stamp"
    echo "The console is left out: $1."
    exit 0
}

command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 ||
    leave_out "it is built with Node $oldest or newer, and there is no node and npm on the PATH"
version=$(node --version | tr -d v)
[ "$(printf '%s\n%s\n' "$oldest" "$version" | sort -t . -k 1,1n -k 2,2n | head -n 1)" = "$oldest" ] ||
    leave_out "it is built with Node $oldest or newer, and this one is $version"

if ! [ node_modules/.package-lock.json -nt package-lock.json ]; then
    npm ci --omit-lockfile-registry-resolved --no-audit --no-fund --ignore-scripts
    touch node_modules/.package-lock.json
fi
apis=$(node scripts/api.mjs --list)
# shellcheck disable=SC2086 # several files
if [ -e "$stamp" ] && [ -e "$pages/index.html" ] &&
    [ -z "$(find build.sh src public scripts index.html package-lock.json ./*.ts ./*.json $apis -newer "$stamp" | head -n 1)" ]; then
    exit 0
fi
mkdir -p target
node scripts/api.mjs
touch "$stamp.next"
npm run --silent build -- --outDir "$pages" --emptyOutDir --logLevel warn
# What the pages are made of, without what differs between two builds.
if ! npm sbom --help >target/npm-sbom.txt 2>&1; then
    echo "skipped: the bill of materials of the pages: it needs npm 10 or newer, and this is $(npm --version)" >&2
    rm -f target/sbom.json
    mv "$stamp.next" "$stamp"
    exit 0
fi
npm sbom --sbom-format cyclonedx --sbom-type application --omit dev |
    node -e 'const bom = JSON.parse(require("fs").readFileSync(0)); delete bom.serialNumber; delete bom.metadata.timestamp;
        require("fs").writeFileSync("target/sbom.json", JSON.stringify(bom, null, 2));'
mv "$stamp.next" "$stamp"
