#!/usr/bin/env bash
# Makes the Debian package of a build, installs it in a bare Debian, and runs it there as a user who has nothing else.
#   tools/check_package.sh [BUILD] [SUITE]      default: build/release bookworm; as root; needs debootstrap and dpkg-dev
# Some 500 MB come from the mirror ($MITO_MIRROR, else deb.debian.org), most of them LibTorch and what OpenCV needs.
set -euo pipefail
cd "$(dirname "$0")/.."
build=${1:-build/release}
suite=${2:-bookworm}
[ "$(id -u)" = 0 ] || { echo "tools/check_package.sh: as root, for debootstrap and chroot" >&2; exit 1; }
for program in debootstrap dpkg-shlibdeps cpack; do
  command -v $program >/dev/null || { echo "tools/check_package.sh: $program is not installed" >&2; exit 1; }
done

work=$(mktemp -d)
trap 'rm -rf --one-file-system "$work"' EXIT
root=$work/root

cpack -G DEB --config "$build/CPackConfig.cmake" -B "$work" >"$work/cpack.log" || { cat "$work/cpack.log"; exit 1; }
package=$(echo "$work"/mitoloom_*.deb)
dpkg-deb --field "$package" Package Version Architecture Installed-Size Depends

debootstrap --variant=minbase "$suite" "$root" "${MITO_MIRROR:-http://deb.debian.org/debian}" >"$work/debootstrap.log" ||
  { tail -n 5 "$work/debootstrap.log"; exit 1; }
cp "$package" "$root/mitoloom.deb"
cat >"$root/try.sh" <<'EOF'
set -e
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
mount -t proc proc /proc
apt-get update -qq
apt-get install -y -qq --no-install-recommends /mitoloom.deb >/apt.log 2>&1 || { tail -n 20 /apt.log; exit 1; }
rm -rf /var/cache/apt/archives
useradd -m someone
exec su someone -c 'set -e
cd
mitoloom --version
mitoloom doctor || echo "(doctor has a warning)"
mitoloom run draw_slide --set drawing.width_px=1024 --set drawing.height_px=1024 --set drawing.mitoses=5 --set drawing.lookalikes=2 --out drawn
mitoloom run detect --set slide=drawn/synthetic.svs
test -s out/detect/run.html && test -s out/detect/detections.csv
test -s /usr/share/man/man1/mitoloom.1.gz || test -s /usr/share/man/man1/mitoloom.1
test -s /usr/share/bash-completion/completions/mitoloom'
EOF
unshare -m chroot "$root" sh /try.sh
echo "package: $(basename "$package") runs in a bare $suite"
