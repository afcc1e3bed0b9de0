#!/usr/bin/env bash
# From a bare Debian 12 to mitotic figures, a hotspot count and a grade.
#   tools/demo.sh           draws a small synthetic H&E slide and runs pipelines/detect.yaml on it
#   tools/demo.sh SLIDE     does the same on a slide of your own
set -euo pipefail
slide=${1:+$(realpath "$1")}
cd "$(dirname "$0")/.."

tools/install.sh
cmake --preset release >/dev/null
cmake --build --preset release -j "$(nproc)" --target mitoloom | tail -n 1
mitoloom=build/release/mitoloom

if [ -n "$slide" ]; then
  name=$(basename "${slide%.*}")
  settings=(--set "slide=$slide")
else
  name=demo
  "$mitoloom" run pipelines/draw_slide.yaml --out out/demo/slide --no-store --progress off
  settings=(--set slide=out/demo/slide/synthetic.svs --set truth=out/demo/slide/synthetic.csv)
fi
"$mitoloom" run pipelines/detect.yaml "${settings[@]}" --out "out/$name"
echo
echo "files:"
ls -1 "out/$name"/*.* | sed 's/^/  /'
echo "again, from cache: $mitoloom run pipelines/detect.yaml ${settings[*]} --out out/$name"
