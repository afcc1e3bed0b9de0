#!/usr/bin/env bash
# From a bare Debian 12 to mitotic figures, a hotspot count and a grade.
#   tools/demo.sh           draws a small synthetic H&E slide and runs pipelines/detect/detect.yaml on it
#   tools/demo.sh SLIDE     does the same on a slide of your own
#   tools/demo.sh --phh3    draws restained pairs of slides, trains CNN1 and CNN2 on simulated labels,
#                           builds the reference standard of two further pairs, and scores it
set -euo pipefail
phh3=
[ "${1:-}" = --phh3 ] && { phh3=yes; shift; }
slide=${1:+$(realpath "$1")}
cd "$(dirname "$0")/.."

tools/install.sh
cmake --preset release >/dev/null
cmake --build --preset release -j "$(nproc)" --target mitoloom | tail -n 1
mitoloom=build/release/mitoloom

if [ -n "$phh3" ]; then
  "$mitoloom" sweep pipelines/studies/phh3_study.yaml --preset small --out out/phh3
  exec cat out/phh3/reference/reference_study.md
fi

if [ -n "$slide" ]; then
  name=$(basename "${slide%.*}")
  settings=(--set "slide=$slide")
else
  name=demo
  "$mitoloom" run pipelines/slides/draw_slide.yaml --out out/demo/slide --no-store --progress off
  settings=(--set slide=out/demo/slide/synthetic.svs --set truth=out/demo/slide/synthetic.csv)
fi
"$mitoloom" run pipelines/detect/detect.yaml "${settings[@]}" --out "out/$name"

python3 - "out/$name" <<'END'
import json, pathlib, sys
folder = pathlib.Path(sys.argv[1])
result = json.loads((folder / "result.json").read_text())
spot = result["hotspot"]
print(f"""
{result["slide"]["name"]}: {result["slide"]["width_px"]} x {result["slide"]["height_px"]} px, {result["slide"]["mpp_x"]:.4f} um/px ({result["slide"]["mpp_source"]}), {result["tissue_mm2"]:.2f} mm2 of tissue
  {result["detections"]} mitotic figures, {spot["count_p95"]:.0f} in the hotspot of {spot["area_mm2"]:.0f} mm2 (95th percentile), grade {result["grade"]}""")
evaluation = json.loads((folder / "evaluation.json").read_text())
if evaluation["truth"]:
    found = evaluation["rules"]["any_hit"]
    print(f'  of {evaluation["truth"]["objects"]} figures drawn {found["tp"]} found, {found["fp"]} false alarms: F1 {found["f1"]:.3f}')
print("  research use only: not a medical device")
END
echo "files:"
ls -1 "out/$name"/*.* | sed 's/^/  /'
echo "again, from cache: $mitoloom run pipelines/detect/detect.yaml ${settings[*]} --out out/$name"
