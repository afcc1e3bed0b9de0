#!/usr/bin/env bash
# Builds Debian's own source package of oneTBB with ThreadSanitizer into build/tbb-tsan, where the preset
# `tsan` finds it. With the package as it is, every flow graph reports dozens of races that are none, as what
# is handed over inside libtbb is not seen. Does nothing when it is there; leaves the system's apt alone.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=$PWD/build/tbb-tsan
[ -e "$folder/install/lib/cmake/TBB/TBBConfig.cmake" ] && exit 0
mkdir -p "$folder"/apt/{sources,lists/partial,cache/archives/partial}
cd "$folder"

# The system's sources, as sources of source packages; in either format that Debian 12 has.
for file in /etc/apt/sources.list.d/*.sources; do
  [ -e "$file" ] && sed 's/^Types:.*/Types: deb-src/' "$file" >"apt/sources/$(basename "$file")"
done
for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
  [ -e "$file" ] && sed -n 's/^deb /deb-src /p' "$file" >"apt/sources/$(basename "$file" .list).list"
done
apt=(apt-get -qq -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$folder/apt/sources"
  -o Dir::State::Lists="$folder/apt/lists" -o Dir::Cache="$folder/apt/cache")
"${apt[@]}" update
"${apt[@]}" source --download-only onetbb

rm -rf source
mkdir source
tar -xf onetbb_*.orig.tar.* -C source --strip-components=1
cmake -G Ninja -S source -B build -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_INSTALL_PREFIX="$folder/install" \
  -DCMAKE_INSTALL_LIBDIR=lib -DTBB_SANITIZE=thread -DTBB_TEST=OFF -DTBB_STRICT=OFF -DTBB_DISABLE_HWLOC_AUTOMATIC_SEARCH=ON >log
cmake --build build --target tbb tbbmalloc tbbmalloc_proxy >>log
cmake --install build >>log
