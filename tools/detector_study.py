#!/usr/bin/env python3
"""What folds of the general detector find in what they have not seen, as one table.

    detector_study.py RUN...

RUN is the output folder of pipelines/train/general_detector_fold.yaml with some frames and the crops of some scanner left out.
One row per run: the share of the mitoses found at the thresholds at which the left-out Hamamatsu frames of all patients but
H14 have 2, 5 and 10 false positives per mm2, and the best F1 of these frames and of the left-out Aperio frames. Candidates
are scored, not maps: the rate counts candidates above the threshold (they are 12.5 um or more apart), and a mitosis is found
when the score in its middle is above it. Rates of H14, whose stain is blue, are given at the threshold of 5.
"""
import csv
import pathlib
import sys

RATES = (2, 5, 10)
FRAME_MM2 = 1663 * 0.2274 * 1485 * 0.2274 / 1e6  # a frame of mitos14-hamamatsu-frames


def scores_of(run):
    with open(run / "patches_scores.csv", newline="") as file:
        return [(row["slide"], row["case"], int(row["label"]), float(row["probability"])) for row in csv.DictReader(file)]


def group_of(slide, case):
    if slide.startswith("H14"):
        return "H14"
    if slide.startswith("H"):
        return "frames"
    if slide.startswith("A0"):
        return "aperio"
    return case


def best_f1(scores):
    """(F1, threshold) of labelled probabilities."""
    positives = sum(label for label, _ in scores)
    best = (0.0, 1.0)
    found = wrong = 0
    for label, p in sorted(scores, key=lambda one: -one[1]):
        found += label
        wrong += 1 - label
        best = max(best, (2 * found / (found + wrong + positives), p))
    return best


def f1_at(scores, threshold):
    found = sum(label for label, p in scores if p >= threshold)
    called = sum(p >= threshold for _, p in scores)
    positives = sum(label for label, _ in scores)
    return 2 * found / (called + positives)


def one_threshold(groups):
    """The threshold that is best for the frames of both scanners together, and what it gives."""
    both = [groups[name] for name in ("frames", "aperio") if name in groups]
    threshold = max((k / 500 for k in range(100, 500)), key=lambda t: sum(f1_at(scores, t) for scores in both))
    cells = [f"one {threshold:.3f}: F1 " + " ".join(f"{f1_at(scores, threshold):.3f}" for scores in both)]
    for name, scores in sorted(groups.items()):
        if name in ("frames", "aperio", "H14") or name.startswith(("case", "tile")):
            continue
        positives = [p for label, p in scores if label == 1]
        cells.append(f"{name} {sum(p >= threshold for p in positives) / len(positives):.3f}")
    return cells


def threshold_at(negatives, area, rate):
    """The lowest threshold with at most `rate` negatives per mm2 at or above it."""
    allowed = int(rate * area)
    ordered = sorted(negatives, reverse=True)
    return ordered[allowed] + 1e-9 if allowed < len(ordered) else 0.0


def row_of(run):
    groups, slides = {}, {}
    for slide, case, label, p in scores_of(run):
        group = group_of(slide, case)
        groups.setdefault(group, []).append((label, p))
        slides.setdefault(group, set()).add(slide)
    frames = groups["frames"]
    area = FRAME_MM2 * len(slides["frames"])
    thresholds = [threshold_at([p for label, p in frames if label == 0], area, rate) for rate in RATES]
    cells = [run.name]
    for group in sorted(groups, key=lambda name: (name != "frames", name != "aperio", name)):
        positives = [p for label, p in groups[group] if label == 1]
        recalls = [sum(p >= t for p in positives) / len(positives) for t in thresholds]
        cells.append(f"{group} ({len(positives)}): " + " ".join(f"{r:.3f}" for r in recalls))
        if group in ("frames", "aperio"):
            cells.append("best F1 {:.3f} at {:.3f}".format(*best_f1(groups[group])))
        if group == "H14":
            wrong = sum(label == 0 and p >= thresholds[1] for label, p in groups[group])
            cells.append(f"{wrong / (FRAME_MM2 * len(slides[group])):.1f}/mm2")
    cells += one_threshold(groups)
    cells.append("thresholds " + " ".join(f"{t:.3f}" for t in thresholds))
    return cells


def main():
    if len(sys.argv) < 2:
        sys.exit("usage: detector_study.py RUN...")
    for run in map(pathlib.Path, sys.argv[1:]):
        print("| " + " | ".join(row_of(run)) + " |")


if __name__ == "__main__":
    main()
