#!/usr/bin/env bash
# Installs what mitoloom needs from Debian 12 packages; does nothing when all of it is there.
#   tools/install.sh [package ...]     further packages on top of tools/packages.txt
set -euo pipefail
cd "$(dirname "$0")/.."

missing=()
for package in $(cat tools/packages.txt) "$@"; do
  if [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" != installed ]; then
    missing+=("$package")
  fi
done
[ ${#missing[@]} -eq 0 ] && exit 0

sudo=
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null || { echo "as root: apt-get install ${missing[*]}" >&2; exit 1; }
  sudo=sudo
fi
echo "installing: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get update -qq
$sudo apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
