#!/usr/bin/env python3
"""Measures what spreading a cohort costs. Ratios of one machine with nothing else to do; nothing here passes or fails.

    measure_cohort.py MITOLOOM [--only tasks,growth] [--folder FOLDER] [--rounds N] [--sides PX,...] [--counts N,...]

`tasks`: detect.yaml on 24 drawn slides of equal pixels by one task with all processors and by four at once with one job each,
processor seconds of all together, in turns. `growth`: a pipeline without a network on links to tiny slides, more and more of them: processor milliseconds a slide,
most memory and most open files of the run; and of a second run, which finds all of it done.
"""
import argparse, os, pathlib, shutil, statistics, sys, tempfile, time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from cohort_kit import ROOT, SPOTS, Failed, Program, expect

TASKS, SLIDES = 4, 24


def ended(processes):
    """Processor seconds of processes together, most MiB of one, most open files of one; all must end well."""
    seconds, mib, files = 0.0, 0.0, 0
    for process in processes:
        descriptors = f"/proc/{process.pid}/fd"
        while True:
            pid, status, used = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            try:
                files = max(files, len(os.listdir(descriptors)))
            except OSError:
                pass
            time.sleep(0.02)
        process.returncode = os.waitstatus_to_exitcode(status)
        expect(process.returncode == 0, f"exit code {process.returncode}\n{process.communicate()}")
        process.communicate()
        seconds += used.ru_utime + used.ru_stime
        mib = max(mib, used.ru_maxrss / 1024)
    return seconds, mib, files


def tasks(program, rounds, sides):
    print(f"| {SLIDES} slides | one task, processor s | {TASKS} tasks | ratio |\n|---|---|---|---|")
    for side in sides:
        folder = Program(program.path, program.folder / str(side))
        folder.draw(side=side, count=SLIDES, drawn=1)
        detect = ["run", ROOT / "pipelines/detect/detect.yaml", "--set", "slide=slides/*.svs", "--progress", "off"]
        took = {1: [], TASKS: []}
        for _ in range(rounds):
            for number, seconds in took.items():
                out, store = folder.folder / "out", folder.folder / "store"
                run = [*detect, "--out", out, "--store", store, "--shard"]
                jobs = [] if number == 1 else ["-j", "1"]
                seconds.append(ended([folder.start(*run, f"{i}/{number}", *jobs) for i in range(1, number + 1)])[0])
                for written in (out, store):
                    shutil.rmtree(written)
        one, four = (statistics.median(took[number]) for number in (1, TASKS))
        print(f"| {side} px | {one:.1f} ({one / SLIDES:.2f} each) | {four:.1f} | {four / one:.3f} |", flush=True)


def growth(program, counts):
    slides = program.draw(side=512, count=20)
    originals = sorted(slides.iterdir())
    (program.folder / "spots.yaml").write_text(SPOTS)
    print("| slides | processor ms each | most MiB | open files | again: ms each | most MiB |\n|---|---|---|---|---|---|")
    for count in counts:
        links = program.folder / f"links{count}"
        links.mkdir()
        for i in range(count):
            (links / f"s{i:04}.svs").symlink_to(originals[i % len(originals)])
        run = ["run", "spots.yaml", "--set", f"slide=links{count}/*.svs", "-j", "1", "--progress", "off", "--out", f"out{count}",
               "--store", f"store{count}"]
        seconds, mib, files = ended([program.start(*run)])
        again, again_mib, _ = ended([program.start(*run)])
        print(f"| {count} | {1000 * seconds / count:.1f} | {mib:.0f} | {files} | {1000 * again / count:.2f} | {again_mib:.0f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mitoloom")
    parser.add_argument("--only", default="tasks,growth")
    parser.add_argument("--folder", help="keep everything here")
    parser.add_argument("--rounds", type=int, default=3)
    numbers = lambda text: [int(number) for number in text.split(",")]
    parser.add_argument("--sides", type=numbers, default=[2048, 4096])
    parser.add_argument("--counts", type=numbers, default=[100, 800, 3000])
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        for name in arguments.only.split(","):
            program = Program(arguments.mitoloom, pathlib.Path(arguments.folder or temporary) / name)
            try:
                {"tasks": lambda p: tasks(p, arguments.rounds, arguments.sides), "growth": lambda p: growth(p, arguments.counts)}[name](program)
            except Failed as failure:
                sys.exit(f"{name}: {failure}")


if __name__ == "__main__":
    main()
