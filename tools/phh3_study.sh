#!/usr/bin/env bash
# The reference standard from end to end, on drawn pairs of slides, as the paper's section III:
# brown spots, labels (by simulated observers), CNN1, CNN2, registration, points on the H&E slides.
#   tools/phh3_study.sh OUT TRAINING_PAIRS TEST_PAIRS [SIDE_PX [WIDTH_FACTOR [EPOCHS]]]
# Everything is kept in OUT/store: the same command goes on where it was stopped. Needs the release
# build; $MITOLOOM names another program.
set -euo pipefail
cd "$(dirname "$0")/.."

[ $# -ge 3 ] || { sed -n '2,6s/^# //p' "$0"; exit 2; }
out=$1
training=$2
tests=$3
side=${4:-4096}
width=${5:-0.25}
epochs=${6:-20}
mitoloom=${MITOLOOM:-build/release/mitoloom}
study=(--store "$out/store" --progress "${MITOLOOM_PROGRESS:-auto}")

# pipeline NAME FOLDER SETTINGS...: runs NAME.yaml of pipelines/ with results in OUT/FOLDER
pipeline() {
  local name=$1 folder=$2 started=$SECONDS
  shift 2
  echo "== $name ${folder}"
  "$mitoloom" run pipelines/*/"$name.yaml" "${study[@]}" --out "$out/$folder" "$@"
  echo "== $name ${folder}: $((SECONDS - started)) s"
}

# files FIRST LAST SUFFIX: a YAML list of files of the drawn cases
files() {
  local list=() i
  for ((i = $1; i <= $2; i++)); do list+=("$out/slides/case$(printf %02d "$i")_$3"); done
  (IFS=,; echo "[${list[*]}]")
}

# As many objects for every area as there are in 6144 x 6144 px by default.
count() { echo $(($1 * side / 6144 * side / 6144)); }

# Draws the cases FIRST to LAST; each has a shift of its own.
draw() {
  local i name
  for ((i = $1; i <= $2; i++)); do
    name=case$(printf %02d "$i")
    [ -f "$out/slides/${name}_truth.json" ] && continue
    pipeline phantom_pair slides --no-store --set "pair.name=$name" --set "pair.seed=$i" \
      --set "pair.width_px=$side" --set "pair.height_px=$side" \
      --set "pair.mitoses=$(count 60)" --set "pair.lookalikes=$(count 60)" \
      --set "pair.artefacts=$(count 300)" --set "pair.nonspecific=$(count 45)" \
      --set "pair.shift_x_um=$((i * 37 % 200 - 100))" --set "pair.shift_y_um=$((i * 53 % 160 - 80))"
  done
}

draw 1 $((training + tests))
slides=$(files 1 "$training" phh3.svs)
truth=$(files 1 "$training" truth.csv)

pipeline phh3_candidates sheet1 --set "phh3_slide=$slides" --set sheet.count=2000
pipeline phh3_simulated_labels labels1 --set sheet="$out/sheet1/sheet.csv" --set "truth=$truth" \
  --set observers.question=artefact --set observers.observers=1
pipeline phh3_train_cnn1 cnn1 --set sheet="$out/sheet1/sheet.csv" \
  --set "labels=$out/labels1/labels_*.csv" --set train_cnn.width_factor="$width" --set batches.epochs="$epochs"

pipeline phh3_second_sample sheet2 --set "phh3_slide=$slides" --set cnn1="$out/cnn1/model.h5" \
  --set sheet.count=2000
pipeline phh3_simulated_labels labels2 --set sheet="$out/sheet2/sheet.csv" --set "truth=$truth"
pipeline phh3_train_cnn2 cnn2 --set sheet="$out/sheet2/sheet.csv" \
  --set "labels=$out/labels2/labels_*.csv" --set artefact_sheet="$out/sheet1/sheet.csv" \
  --set "artefact_labels=$out/labels1/labels_*.csv" --set train_cnn.width_factor="$width" --set batches.epochs="$epochs"

first=$((training + 1))
last=$((training + tests))
# A late figure is two brown spots: of two points closer than 12.5 um one is kept.
pipeline phh3_reference reference --keep-going --set reference.min_distance_um=12.5 --set "he_slide=$(files $first $last he.svs)" \
  --set "phh3_slide=$(files $first $last phh3.svs)" --set "truth=$(files $first $last truth.csv)" \
  --set cnn1="$out/cnn1/model.h5" --set cnn2="$out/cnn2/model.h5"

python3 tools/phh3_summary.py "$out"
