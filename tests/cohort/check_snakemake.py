#!/usr/bin/env python3
"""Runs the example of docs/examples/snakemake: on this machine, and by its profile on a Slurm of its own where there is one.

    check_snakemake.py MITOLOOM [--folder FOLDER]

Four drawn slides. Files must be equal, byte for byte, to those of one run of all slides; a second call has nothing to do; a slide that is
new is the only one that is computed; one that is cut fails, and the table says so. Exits with 77, which means skipped, where Snakemake is not installed.
"""
import argparse, csv, os, pathlib, shutil, subprocess, sys, tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from check_slurm import SKIPPED, Cluster, NoCluster, missing_for_slurm
from cohort_kit import ROOT, SPOTS, Failed, Program, expect, expect_equal

EXAMPLE = ROOT / "docs/examples/snakemake"


def snakemake(program, out, *more, environment=None, code=0):
    done = subprocess.run(["snakemake", "-s", EXAMPLE / "Snakefile", *more, "--config", "slides=slides.txt", "pipeline=spots.yaml", f"out={out}",
                           f"store={out}-store", f"mitoloom={program.path}"], cwd=program.folder, text=True, env=environment,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    expect(done.returncode == code, f"snakemake: exit code {done.returncode}\n{done.stdout}")
    return done.stdout


def table(program, out):
    with open(program.folder / out / "cohort.csv", newline="") as file:
        return {row["slide"]: row["state"] for row in csv.DictReader(file)}


def check(program, out, *how, environment=None):
    wanted = [f"case{i:02}" for i in range(4)]
    slides = [f"slides/{name}.svs" for name in wanted]
    (program.folder / "slides.txt").write_text("".join(f"{slide}\n" for slide in slides[:3]))
    said = snakemake(program, out, *how, environment=environment)
    expect("4 of 5 steps" in said or "5 of 5 steps" in said, f"three slides, the table, and all: {said}")
    expect("Nothing to be done" in snakemake(program, out, *how, environment=environment), "a second call had something to do")
    (program.folder / "slides.txt").write_text("".join(f"{slide}\n" for slide in slides))
    said = snakemake(program, out, *how, environment=environment)
    expect(said.count("rule slide:") == 1, f"with a new slide: {said}")
    expect(table(program, out) == {slide: "done" for slide in wanted}, f"cohort.csv has {table(program, out)}")
    for i in range(4):
        one = program.folder / out / f"case{i:02}"
        (one / "run.json").unlink()
        expect_equal(program.folder / "calm" / f"case{i:02}", one)


def check_bad(program):
    """A slide that fails keeps no other from its row in the table."""
    (program.folder / "slides/cut.svs").write_bytes((program.folder / "slides/case00.svs").read_bytes()[:2000])
    (program.folder / "slides.txt").write_text("slides/cut.svs\nslides/case00.svs\n")
    snakemake(program, "bad", "--jobs", "2", "--keep-going", code=1)
    expect(table(program, "bad") == {"case00": "done", "cut": "failed"}, f"cohort.csv has {table(program, 'bad')}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mitoloom")
    parser.add_argument("--folder", help="keep everything here")
    arguments = parser.parse_args()
    if shutil.which("snakemake") is None:
        print("skipped: Snakemake is not installed")
        sys.exit(SKIPPED)
    os.environ["PATH"] += ":/usr/sbin"
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(arguments.folder or temporary).resolve()
        program = Program(arguments.mitoloom, folder / "work")
        try:
            program.draw(side=512, count=4)
            (program.folder / "spots.yaml").write_text(SPOTS)
            program.run("run", "spots.yaml", "--set", "slide=slides/*.svs", "--out", "calm", "--store", "calm-store", "--progress", "off")
            check(program, "here", "--jobs", "2")
            check_bad(program)
            print("snakemake: four slides on this machine, files equal those of one run")
            if why := missing_for_slurm():
                print(f"not on Slurm: {why}")
                return
            with Cluster(folder / "slurm") as cluster:
                check(program, "there", "--profile", EXAMPLE / "slurm", "--set-resources", "slide:mem_mb=0", "--latency-wait", "20",
                      environment=cluster.environment)
            print("snakemake: the same by its profile on Slurm")
        except NoCluster as failure:
            print(f"not on Slurm: none comes up on this machine: {failure}")
        except Failed as failure:
            sys.exit(f"snakemake: {failure}")


if __name__ == "__main__":
    main()
