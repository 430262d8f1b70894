#!/bin/sh
# Verifies everything that came with it, brings the images to where the cluster finds them, and says how to go on.
# Needs sha256sum (or shasum). One of these says where the images go:
#   LOUPE_REGISTRY=registry.example.org/team   pushes them there, with skopeo
#   LOUPE_IMAGE_LOAD=COMMAND                   runs COMMAND with the paths of the archives, such as
#                                              "kind load image-archive" or, on each node, "ctr -n k8s.io images import"
set -eu
cd "$(dirname "$0")"

fail() {
    printf 'load.sh: %s\n' "$1" >&2
    exit 1
}

if command -v sha256sum >/dev/null 2>&1; then
    sums='sha256sum'
else
    sums='shasum -a 256'
fi
$sums -c SHA256SUMS >checked.txt 2>&1 || fail "this is not what was packed; nothing was loaded:
$(grep -v ': OK$' checked.txt)"
rm checked.txt

if [ -n "${LOUPE_REGISTRY:-}" ]; then
    while read -r file name; do
        skopeo copy "docker-archive:images/$file" "docker://$LOUPE_REGISTRY/$name" || fail "$name was not pushed"
    done <images/names
    registry="--set global.imageRegistry=$LOUPE_REGISTRY "
elif [ -n "${LOUPE_IMAGE_LOAD:-}" ]; then
    for archive in images/*.tar; do
        # The command may be several words.
        sh -c "$LOUPE_IMAGE_LOAD \"\$@\"" load "$PWD/$archive" || fail "$archive was not loaded"
    done
    registry=
else
    fail 'all is as it was packed. Say where the images go: LOUPE_REGISTRY or LOUPE_IMAGE_LOAD (see the top of this file)'
fi

echo "$(wc -l <images/names | tr -d ' ') images are there. To install:"
install="  helm install loupe $PWD/chart/loupe --namespace loupe ${registry}--values"
echo "$install my-values.yaml"
echo "or, everything in single pods, to try it out:"
echo "$install $PWD/chart/loupe/values-demo.yaml"
for backbone in backbones/*; do
    [ ! -e "$backbone" ] || echo "Then: ./loupe backbones import $PWD/$backbone"
done
