#!/usr/bin/env python3
"""Prints what a study of tools/phh3_study.sh found, pooled over its pairs.

    phh3_summary.py OUT
"""
import csv
import json
import pathlib
import statistics
import sys


def percentile(values, percent):
    """Linear interpolation between order statistics, as numpy does."""
    values = sorted(values)
    place = (len(values) - 1) * percent / 100
    low = int(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (place - low)


def scores(parts):
    tp, fp, fn = (sum(part[key] for part in parts) for key in ("tp", "fp", "fn"))
    ratio = lambda a, b: f"{a / b:.3f}" if b else "undefined"
    return (f"precision {ratio(tp, tp + fp)}, recall {ratio(tp, tp + fn)}, "
            f"F1 {ratio(2 * tp, 2 * tp + fp + fn)} (TP {tp}, FP {fp}, FN {fn})")


def count_rows(file):
    with open(file, newline="") as lines:
        return sum(1 for _ in csv.DictReader(lines))


def main():
    out = pathlib.Path(sys.argv[1])
    evaluations = [json.loads(f.read_text())
                   for f in sorted(out.glob("reference/**/reference_evaluation.json"))]
    certificates = [json.loads(f.read_text())
                    for f in sorted(out.glob("reference/**/certificate.json"))]
    if not evaluations:
        sys.exit(f"{out}: no pair has a reference standard")

    def add(*path):
        total = 0
        for evaluation in evaluations:
            value = evaluation
            for key in path:
                value = value[key]
            total += value
        return total

    spots = add("candidates", "spots")
    print(f"{len(evaluations)} test pairs")
    print(f"  candidates        {spots}, of them {add('candidates', 'artefacts') / spots:.0%} artefacts, "
          f"{add('candidates', 'mitoses')} mitoses, {add('candidates', 'nonspecific')} other nuclei")
    print(f"  labelled          {count_rows(out / 'sheet1/sheet.csv')} artefact or not, "
          f"{count_rows(out / 'sheet2/sheet.csv')} mitotic or not")
    report = out / "cnn2" / "agreement.json"
    if report.exists():
        votes = json.loads(report.read_text())
        print(f"  kept by majority  {votes['kept']}: {votes['kept_for']} mitotic, "
              f"{votes['kept_against']} not; Fleiss' kappa {votes['fleiss_kappa']:.2f}")
    print(f"  CNN1 on spots     {scores([e['candidates']['cnn1'] for e in evaluations])}")
    print(f"  CNN2 on spots     {scores([e['candidates']['cnn2'] for e in evaluations])}")
    print(f"  reference         {scores([e['reference']['brown_mitoses'] for e in evaluations])}")
    print(f"  against all, also those that stayed unstained: "
          f"{scores([e['reference']['all_mitoses'] for e in evaluations])}")
    for name in ("before", "after"):
        values = [v for e in evaluations for v in e["registration"][f"{name}_um"]["values"]]
        if values:
            print(f"  registration error {name} local refinement: median {statistics.median(values):.2f} um, "
                  f"95th percentile {percentile(values, 95):.2f} um, {len(values)} mitoses")
    psr = [c["registration"]["global"]["psr"] for c in certificates]
    print(f"  peak-to-sidelobe ratio of the slides: {min(psr):.1f} to {max(psr):.1f}")
    print("  drawn slides, simulated observers; research use only: not a medical device")


if __name__ == "__main__":
    main()
