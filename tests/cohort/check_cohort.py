#!/usr/bin/env python3
"""Runs a cohort as several tasks, kills some, and compares what comes with an undisturbed run.

    check_cohort.py MITOLOOM [--kills N] [--seed N] [--folder FOLDER] [--only manifests,refusals,plans,stores,folders,sweeps,resources,stages,tasks,losses,signals,kills,hosts]

Twelve drawn slides, one that is cut and one that is empty. `manifests`, `refusals`, `plans`, `stores`, `folders`: messages and
what small commands do. `sweeps`: shards wait for what they share. `resources`: open files do not grow with the slides. `tasks`: detect.yaml by four tasks at once in one output folder, one of them
killed; `signals`: exit codes, and two runs in one output folder; `kills`: tasks on tiny slides killed at random, N times, until a run is
left alone; `hosts` (only when asked for, it waits for a lease to be abandoned): two machines as name spaces. Files must be equal, byte for byte; every slide must have the state that it deserves.
"""
import argparse, csv, json, os, pathlib, random, re, resource, shutil, signal, subprocess, sys, tempfile, time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from cohort_kit import ROOT, SPOTS, Failed, Program, expect, expect_equal, files_of, states, wait_until

GOOD = 12
MARKS = """
inputs:
  slide: {type: files}
  marks: {type: files}
  cohort: {type: file, optional: yes}
nodes:
  slide: {use: slide, in: {files: $slide}}
  table: {use: annotations, in: {files: $marks}}
  marked: {use: slide_annotations, in: {slide: slide, annotations: table}, params: {missing: none}}
  mask: {use: tissue_mask, in: {slide: slide}}
  tiles: {use: tiles, in: {slide: slide, mask: mask}}
  cells: {use: he_candidates, in: {tile: tiles, slide: slide, mask: mask}}
  all: {use: collect_candidates, in: {candidates: cells, slide: slide}}
  labelled: {use: label_candidates, in: {candidates: all, annotations: marked, slide: slide, mask: mask}}
  report: {use: candidate_report, in: {labelled: labelled}}
"""
SWEEP = """
base: spots.yaml
set: {slide: slides/*.svs}
variants:
  small: {patches.count: 4}
  medium: {patches.count: 8}
  large: {patches.count: 12}
"""


def spoil(slides):
    """A slide that is cut, and one that is empty."""
    content = (slides / "case00.svs").read_bytes()
    (slides / "cut.svs").write_bytes(content[:len(content) // 50])
    (slides / "empty.svs").write_bytes(b"")


def expect_outcome(program, out):
    """States, table and lists of a cohort with two bad slides that is done."""
    found = states(out)
    for name, state in found.items():
        bad = name in ("cut", "empty")
        expect(state["state"] == ("failed" if bad else "done"), f"{out}: {name} is {state['state']}")
        expect(bool(state["message"]) == bad, f"{out}: {name} says '{state['message']}'")
    expect(len(found) == GOOD + 2, f"{out}: {len(found)} states")
    status = json.loads(program.run("cohort", "status", out, "--json")[0])
    expect(status["states"]["done"] == GOOD and status["states"]["failed"] == 2 and status["slides"] == GOOD + 2,
           f"{out}: status {status['states']}")
    expect(not (pathlib.Path(out) / ".leases").exists(), f"{out}: leases are left")
    program.run("cohort", "table", out)
    with open(pathlib.Path(out) / "cohort.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    expect([row["slide"] for row in rows] == sorted(found), f"{out}: cohort.csv lists {[row['slide'] for row in rows]}")
    return {row["slide"]: row for row in rows}


def tasks(program):
    slides = program.draw(side=512, count=GOOD)
    spoil(slides)
    (program.folder / "slides.txt").write_text("# all\n" + "".join(f"slides/{p.name}\n" for p in sorted(slides.iterdir())))
    detect = ["run", ROOT / "pipelines/detect/detect.yaml", "--set", "slide=@slides.txt", "-j", "1", "--progress", "off"]
    calm = program.folder / "calm"
    _, told = program.run(*detect, "--keep-going", "--out", calm, "--store", "calm-store", code=3)
    expect("cut" in told and "empty" in told, f"a run with bad slides says {told}")
    expect_outcome(program, calm)

    out = program.folder / "shared"
    begun = time.time()
    running = {i: program.start(*detect, "--out", out, "--store", "shared-store", "--shard", f"{i}/4") for i in range(1, 5)}
    victim = running.pop(3)
    wait_until(lambda: any(s["pid"] == str(victim.pid) and s["state"] == "running" for s in states_or_none(out)), what="a slide of task 3")
    victim.kill()
    victim.communicate()
    after = states(out)
    lost = [name for name, s in after.items() if s["pid"] == str(victim.pid) and s["state"] == "running"]
    codes = {}
    for i, process in running.items():
        out_text, err = process.communicate()
        codes[i] = process.returncode
        expect(codes[i] in (0, 3), f"task {i}: exit code {codes[i]}\n{out_text}{err}")
    expect(3 in codes.values() or any(s["state"] != "failed" for s in states(out).values()), f"nobody reports failed slides: {codes}")
    rows = states(out)
    print(f"tasks: one of 4 killed in {lost}; the others ended after {time.time() - begun:.1f} s with {codes}; "
          f"{sum(s['state'] == 'done' for s in rows.values())} slides done")
    program.run(*detect, "--out", out, "--store", "shared-store", "--shard", "3/4", code=3)
    (out / ".leases").mkdir(exist_ok=True)
    (out / ".leases/slide-case00.lease").write_text("half")  # as of a task that was killed when its slide was done
    program.run(*detect, "--out", out, "--store", "shared-store", "--shard", "1/1", code=3)
    table = expect_outcome(program, out)
    expect(all(row["detections"] and row["grade"] and row["tissue_mm2"] and row["model"] for name, row in table.items() if row["state"] == "done"),
           "cohort.csv has empty fields of slides that are done")
    expect(int(table["cut"]["attempt"]) == 1 and table["cut"]["message"], f"the cut slide was tried {table['cut']['attempt']} times")
    print(f"tasks: {expect_equal(calm, out)} files equal those of an undisturbed run")

    simulated = subprocess.run([sys.executable, ROOT / "tools/simulate_cohort.py", out / "cohort.csv", "--slides", "300", "--nodes", "1,8", "--slide-mb", "1"],
                               text=True, capture_output=True)
    hours = [float(row.split("|")[2]) for row in simulated.stdout.splitlines()[2:]]
    expect(simulated.returncode == 0 and len(hours) == 2 and hours[1] < hours[0], f"simulation: {simulated.stdout}{simulated.stderr}")

    told, _ = program.run("cohort", "retry", out)
    expect("failed by its content" in told, f"retry says {told}")
    program.run(*detect, "--out", out, "--store", "shared-store", "--shard", "1/1", code=3)
    expect(states(out)["cut"]["attempt"] == 1, "a slide that failed by its content was tried again unasked")
    program.run("cohort", "retry", out, "--all")
    program.run(*detect, "--out", out, "--store", "shared-store", "--shard", "1/1", code=3)
    expect(states(out)["cut"]["attempt"] == 2, "a slide was not tried again")
    before = {p: p.stat().st_mtime_ns for p in out.glob("case*/state.json")}
    program.run(*detect, "--keep-going", "--out", out, "--store", "shared-store", code=3)
    expect(before == {p: p.stat().st_mtime_ns for p in out.glob("case*/state.json")}, "states of slides that were done were written again")

    # what is made of all slides together is made by the task that finds them done
    files = ["run", ROOT / "pipelines/detect/submission.yaml", "--set", "slide=slides/case*.svs", "-j", "1", "--progress", "off"]
    program.run(*files, "--out", "all-calm", "--store", "calm-store")
    both = [program.start(*files, "--out", "all-shared", "--store", "shared-store", "--shard", f"{i}/2") for i in (1, 2)]
    for process in both:
        out_text, err = process.communicate()
        expect(process.returncode == 0, f"submission: exit code {process.returncode}\n{out_text}{err}")
    print(f"tasks: {expect_equal(program.folder / 'all-calm', program.folder / 'all-shared')} files of all slides together are equal")
    (program.folder / "marks.yaml").write_text(MARKS)
    (program.folder / "marks.csv").write_text("slide,x,y,label\ncase00,100,100,mitosis\n")
    report = ["run", "marks.yaml", "--set", "slide=[slides/case00.svs, slides/cut.svs]", "--set", "marks=marks.csv", "--progress", "off", "--out",
              "report", "--store", "shared-store", "--shard", "1/1"]
    for _ in range(2):
        program.run(*report, code=3)
    expect(states(program.folder / "report")["cut"]["attempt"] == 1, "for what is made of all slides one that failed was tried again")
    expect((program.folder / "report/candidates.csv").exists(), "nothing was made of the slides that did not fail")

    (slides / "table.csv").write_text("slide,mpp,centre\ncase00.svs,0.25,A\ncase01.svs,0.5,B\n")
    _, told = program.run("run", detect[1], "--set", "slide=@slides/table.csv", "--set", "slide.allow_upsampling=true", "--out", out, "--store",
                          "shared-store", "--progress", "off")
    _, told = program.run("cohort", "table", out, code=1)
    expect("more than one" in told, f"a table of two runs says {told}")
    program.run("cohort", "table", out, "--mixed")
    with open(out / "cohort.csv", newline="") as file:
        expect(len(list(csv.DictReader(file))) == GOOD + 2, "a table of two runs has not all slides")
    result = json.loads((out / "case01/result.json").read_text())
    expect(result["slide"]["mpp_x"] == 0.5 and "table" in result["slide"]["mpp_source"], f"a manifest's mpp came to {result['slide']}")

    # a slide with a mask of its own, one without
    (slides / "nothing.pgm").write_text("P2 4 3 255\n" + "0 " * 12)
    (slides / "masks.csv").write_text("slide,mask\ncase00.svs,nothing.pgm\ncase01.svs,\n")
    program.run("run", detect[1], "--set", "slide=@slides/masks.csv", "--out", "masked", "--store", "shared-store", "--progress", "off")
    tissue = [json.loads((program.folder / f"masked/case0{i}/result.json").read_text())["tissue_mm2"] for i in range(2)]
    expect(tissue[0] == 0 and tissue[1] > 0, f"tissue by a manifest's masks: {tissue}")

    (slides / "table.csv").write_text("slide,mpp\ncase00.svs,0.25\nnowhere.svs,0.5\n")
    _, told = program.run("run", detect[1], "--set", "slide=@slides/table.csv", "--out", out, code=2)
    expect("table.csv:3:1" in told and "nowhere.svs" in told, f"a slide that is not there: {told}")


def states_or_none(out):
    try:
        return list(states(out).values())
    except (OSError, json.JSONDecodeError):
        return []


def losses(program):
    """A slide that ends one process after another is given up, and may be tried again; what was under way beside it is not."""
    program.draw(side=2048, count=2)
    detect = ["run", ROOT / "pipelines/detect/detect.yaml", "--set", "slide=slides/*.svs", "-j", "1", "--progress", "off", "--store", "store"]
    task = [*detect, "--out", "out", "--shard", "1/1"]

    def kill_one():
        before = {s["attempt"] for s in states_or_none(program.folder / "out")}
        process = program.start(*task)
        wait_until(lambda: any(s["state"] == "running" and s["attempt"] not in before for s in states_or_none(program.folder / "out")), what="a slide")
        process.kill()
        process.communicate()
    for _ in range(3):
        kill_one()
    shutil.copytree(program.folder / "out", program.folder / "kept")
    _, told = program.run(*task, code=3)
    after = states(program.folder / "out")
    expect(sorted(s["state"] for s in after.values()) == ["done", "failed"], f"after three kills: {after}")
    name, state = next((name, s) for name, s in after.items() if s["state"] == "failed")
    expect(not state["by_content"] and "3 processes that worked on it ended" in told + state["message"],
           f"the one that was given up: {state}\n{told}")
    said, _ = program.run("cohort", "retry", "out")
    expect(f"{name}: will be tried again" in said, f"retry: {said}")
    program.run(*task)
    state = states(program.folder / "out")[name]
    expect(state["state"] == "done" and "lost" not in state, f"tried again: {state}")
    program.run(*detect, "--out", "kept", "--shard", "1/1", "--give-up-after", "0")
    expect(states(program.folder / "kept")[name]["state"] == "done", "--give-up-after 0 gave up")
    print("losses: a slide that ended three processes is failed, and tried again where that is asked for")


def signals(program):
    program.draw(side=2048, count=2)
    detect = ["run", ROOT / "pipelines/detect/detect.yaml", "--set", "slide=slides/*.svs", "-j", "1", "--progress", "off", "--no-store"]
    for number, code in ((signal.SIGTERM, 75), (signal.SIGUSR1, 75), (signal.SIGINT, 130)):
        out = program.folder / f"out-{number.name}"
        process = program.start(*detect, "--out", out)
        wait_until(lambda: any(s["tile"] > 0 or s["node"] for s in states_or_none(out)), what="a slide that runs")
        _, told = program.run(*detect, "--out", out, code=1)
        expect(f"process {process.pid}" in told and "host" in told, f"a second run in one folder says {told}")
        process.send_signal(number)
        process.communicate()
        expect(process.returncode == code, f"{number.name}: exit code {process.returncode}, expected {code}")
        stopped = [s["state"] for s in states(out).values()]
        expect("stopped" in stopped and "running" not in stopped, f"{number.name}: slides are {stopped}")
    print("signals: SIGTERM and SIGUSR1 end with 75, SIGINT with 130; a second run in one folder is refused")


def manifests(program):
    slides = program.draw(side=512, count=2)
    (program.folder / "spots.yaml").write_text(SPOTS)
    run = ["run", "spots.yaml", "--progress", "off", "--set"]
    wrong = {
        "empty.txt": ("# nothing\n\n", ["empty.txt:1:1: names no file"]),
        "twice.txt": ("slides/case00.svs\n\n./slides/case00.svs\n", ["twice.txt:3:1", "a second time, after line 1"]),
        "gone.txt": ("slides/case00.svs\n  slides/gone.svs\nslides\n", ["gone.txt:2:3", "there is no file", "gone.txt:3:1", "is a folder"]),
        "other.csv": ("name,mpp\nslides/case00.svs,0.25\n", ["other.csv", "'slide'", "'name'"]),
        "number.csv": ("slide,mpp\nslides/case00.svs,small\n", ["number.csv:2:19", "expected a number, found 'small'"]),
    }
    for name, (text, messages) in wrong.items():
        (program.folder / name).write_text(text)
        code = 1 if name == "number.csv" else 2
        _, told = program.run(*run, f"slide=@{name}", "--out", "wrong", code=code)
        for message in messages:
            expect(message in told, f"{name}: no '{message}' in {told}")
    _, told = program.run(*run, "slide=@nowhere.txt", "--out", "wrong", code=2)
    expect("there is no file" in told and "nowhere.txt" in told, f"a manifest that is not there: {told}")
    (slides / "list.txt").write_bytes(b"\xef\xbb\xbfcase01.svs\r\n# the other\r\n" + str(slides / "case00.svs").encode())
    program.run(*run, "slide=@slides/list.txt", "--out", "listed")
    expect(sorted(states(program.folder / "listed")) == ["case00", "case01"], "a list with marks of Windows and an absolute path")
    (slides / "again").mkdir()
    (slides / "again/case00.svs").write_bytes((slides / "case01.svs").read_bytes())
    program.run(*run, "slide=[slides/case00.svs, slides/again/case00.svs]", "--out", "same-name")
    names = {folder: state["slide"] for folder, state in states(program.folder / "same-name").items()}
    expect(names == {"case00": "case00", "case00-2": "case00-2"}, f"two slides of one name: {names}")
    shutil.rmtree(slides / "again")
    columns(program, slides)
    print("manifests: lists and tables are read, their columns are taken, and mistakes are named with their place")


def columns(program, slides):
    """One table of slides is what several inputs take: files beside slides, cases; what nobody takes is said."""
    (program.folder / "marks.yaml").write_text(MARKS)
    for name in ("case00", "case01"):
        (slides / f"{name}.csv").write_text(f"slide,case,x,y,label\n{name},{name},100,100,mitosis\n")
    (slides / "whole.csv").write_text("slide,case,marks,scanner,note\ncase00.svs,1,case00.csv,S,x\ncase01.svs,2,,S,y\n")
    run = ["run", "marks.yaml", "--progress", "off", "--set", "slide=@slides/whole.csv", "--set"]
    _, told = program.run(*run, "marks=slides/case00.csv", "--out", "marks-by-hand")
    expect("whole.csv: nothing takes the columns 'marks', 'note'" in told, f"columns that nothing takes: {told}")
    _, told = program.run(*run, "marks=@slides/whole.csv", "--set", "cohort=slides/whole.csv", "--out", "marks-by-table")
    expect("whole.csv: nothing takes the column 'note'" in told, f"a column that nothing takes: {told}")
    by_hand, by_table = (files_of(program.folder / out) for out in ("marks-by-hand", "marks-by-table"))
    for found in (by_hand, by_table):
        del found["run.json"]  # it names the inputs
    expect(len(by_hand) > 2 and by_hand == by_table, f"by a column of the table other files came: {sorted(by_hand)}, {sorted(by_table)}")
    program.run("cohort", "table", "marks-by-table")
    with open(program.folder / "marks-by-table/cohort.csv", newline="") as file:
        rows = [{name: row[name] for name in ("slide", "file", "case", "centre", "scanner")} for row in csv.DictReader(file)]
    expect(rows == [{"slide": f"case0{i}", "file": str(slides / f"case0{i}.svs"), "case": str(i + 1), "centre": "", "scanner": "S"} for i in (0, 1)],
           f"cohort.csv says of slides of a table {rows}")
    (slides / "whole.csv").write_text("slide,marks\ncase00.svs,gone.csv\n")
    _, told = program.run(*run, "marks=@slides/whole.csv", "--out", "wrong", code=2)
    expect("whole.csv:2:12" in told and "gone.csv" in told, f"a file beside a slide that is not there: {told}")


def plans(program):
    """Of many slides a plan is a summary."""
    slides = program.draw(side=512, count=6)
    (program.folder / "spots.yaml").write_text(SPOTS)
    plan = ["plan", "spots.yaml", "--set", "slide=slides/*.svs", "--out", "out"]
    run = ["run", "spots.yaml", "--progress", "off", "--out", "out", "--set"]
    said, _ = program.run(*plan)
    expect("6 slides: 6 to compute\n" in said and "6 slides, 'case00' to 'case05'\n  slide " in said, f"before: {said}")
    program.run(*run, "slide=[slides/case00.svs,slides/case01.svs,slides/case02.svs]")
    (slides / "cut.svs").write_bytes(b"")
    said, _ = program.run(*plan, code=1)
    expect(re.search(r"\n7 slides: 3 done, 3 to compute \(about \d+ s on this machine\), 1 unreadable\n", said), f"in the middle: {said}")
    expect("slide 'cut': error: " in said and "'case00'" not in said, f"in the middle: {said}")
    said, _ = program.run(*plan, "--slides", code=1)
    expect(all(f"slide 'case0{i}': " in said for i in range(6)) and "slides:" not in said, f"with --slides: {said}")
    (slides / "cut.svs").unlink()
    program.run(*run, "slide=slides/*.svs")
    expect("\n6 slides: 6 done\n" in program.run(*plan)[0], "a plan of a cohort that is done")
    said, _ = program.run(*plan[:-1], "elsewhere")
    expect("\n6 slides: 6 from the store\n" in said, f"into another folder: {said}")
    summary = json.loads(program.run(*plan[:-1], "elsewhere", "--json")[0])["summary"]
    expect(summary == {"done": 0, "from_store": 6, "to_compute": 0, "unreadable": 0, "seconds": None}, f"as JSON: {summary}")
    print("plans: many slides are counted, and those to compute are listed")


def stores(program):
    """Stores of runs are joined, and what a folder is good for is said."""
    program.draw(side=512, count=2)
    (program.folder / "spots.yaml").write_text(SPOTS)
    run = ["run", "spots.yaml", "--progress", "off", "--set"]
    for i in (0, 1):
        program.run(*run, f"slide=slides/case0{i}.svs", "--out", f"out{i}", "--store", f"store{i}")
    said, _ = program.run("store", "merge", "store0", "store1", "--store", "both")
    expect(said.count("3 results added to both, 0 were there") == 2, f"store merge: {said}")
    said, _ = program.run("store", "merge", "store0", "--store", "both")
    expect("0 results added to both, 3 were there" in said, f"store merge again: {said}")
    said, _ = program.run("store", "verify", "--store", "both")
    expect("6 artefacts checked, 0 problem(s)" in said, f"a joined store: {said}")
    said, _ = program.run(*run, "slide=slides/*.svs", "--out", "looked-up", "--store", "both", "--json")
    ran = json.loads(said)["node_runs"]
    expect(not {"mask", "cells", "spots"} & ran.keys(), f"with the joined store these ran: {ran}")
    _, said = program.run("store", "merge", "nowhere", "--store", "both", code=1)
    expect("there is no store 'nowhere'" in said, f"a store that is not there: {said}")
    _, said = program.run("store", "merge", "both", "--store", "both", code=2)
    expect("is the store to merge into" in said, f"a store into itself: {said}")
    damaged = next((program.folder / "store1").glob("he_candidates/*/data.h5"))
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"x")
    _, said = program.run("store", "merge", "store1", "--store", "third", code=1)
    expect(str(damaged.relative_to(program.folder)) in said, f"a damaged result: {said}")
    left = [p.name for p in (program.folder / "third").glob("he_candidates/*/data.h5")]
    expect(not left, f"a damaged result was taken over: {left}")

    before = sorted(p for p in (program.folder / "both").rglob("*"))
    well = 0 if (program.path.parent / "mito_nn_torch.so").exists() else 1  # builds with sanitizers have no LibTorch
    said, _ = program.run("doctor", "--store", "both", code=well)
    expect(all(word in said for word in ("locks", "flock", "write, sync, rename", "64 MB in", "mmap", "works", "mito_read_hdf5, mito_try_network, mito_try_slide")), f"doctor: {said}")
    expect(before == sorted(p for p in (program.folder / "both").rglob("*")), "doctor left something in the store")
    spots = next((program.folder / "store0").glob("collect_candidates/*/data.h5"))
    spots.write_bytes(spots.read_bytes()[:-1] + b"x")
    program.run(*run, "slide=[slides/case00.svs]", "--out", "damaged", "--store", "store0", "--keep-going", code=3)
    state = states(program.folder / "damaged")["case00"]
    expect("is damaged" in state["message"] and not state["by_content"], f"a damaged store, by the state of the slide: {state}")
    (program.folder / "store2").mkdir()
    (program.folder / "store2/tissue_mask").write_text("in the way")
    _, said = program.run(*run, "slide=[slides/case00.svs]", "--out", "unwritable", "--store", "store2", code=1)
    expect("--no-store" in said, f"a store that takes nothing: {said}")
    program.run("doctor", "--store", "new", code=well)
    expect(not (program.folder / "new").exists(), "doctor left a folder")
    (program.folder / "file").write_text("")
    _, said = program.run("doctor", "--store", "file", code=1)
    expect("file" in said, f"doctor on a file: {said}")
    print("stores: joined, and looked at by the doctor")


def folders(program):
    """Items that share the output folder have one state between them: that of the first that failed."""
    (program.folder / "cohort.csv").write_text("case,seed,mitoses,lookalikes\na,1,2,2\nb,2,2,2\n")
    draw = ["run", ROOT / "pipelines/phantoms/cohort.yaml", "--set", "table=cohort.csv", "--set", "side_px=512", "--no-store", "--progress", "off"]
    program.run(*draw, "--out", "drawn")
    state = json.loads((program.folder / "drawn/state.json").read_text())
    expect(state["state"] == "done" and len(state["files"]) > 0, f"two drawn slides leave {state}")
    print("folders: slides in one folder have one state")


def sweeps(program):
    """Shards with one store: what their runs share one of them computes, and the others wait for it."""
    program.draw(side=2048, count=2)
    (program.folder / "spots.yaml").write_text(SPOTS)
    (program.folder / "sweep.yaml").write_text(SWEEP)
    shards = [program.start("sweep", "sweep.yaml", "--shard", f"{i}/3", "--out", f"shard{i}", "--store", "store", "-j", "1", "--progress", "off")
              for i in (1, 2, 3)]
    said = []
    for process in shards:
        out, err = process.communicate()
        expect(process.returncode == 0, f"a shard ended with {process.returncode}\n{out}{err}")
        said.append(out + err)
    ran = sorted(int(re.search(r"(\d+) of 8 nodes ran", text)[1]) for text in said)
    expect(ran[:2] == [4, 4] and ran[2] == 8, f"of the nodes ran {ran}: two should have waited for one\n{said}")
    expect(not any("being written by another process" in text for text in said), f"shards computed the same: {said}")
    expect(not list((program.folder / "store/.leases").glob("*")), "leases are left in the store")
    print(f"sweeps: of three shards one computed what all share; nodes that ran: {ran}")


def refusals(program):
    program.draw(side=512, count=1)
    (program.folder / "spots.yaml").write_text(SPOTS)
    run = ["run", "spots.yaml", "--set", "slide=slides/*.svs", "--progress", "off", "--out", "out"]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SLURM_")}
    for shard, code, message in (("0/2", 2, "I/N"), ("3/2", 2, "I/N"), ("x", 2, "I/N"), ("auto", 2, "SLURM_ARRAY_TASK_ID is not set")):
        _, told = program.run(*run, "--shard", shard, code=code, env=environment)
        expect(message in told, f"--shard {shard}: no '{message}' in {told}")
    _, told = program.run(*run, "--shard", "1/2", "--no-store", code=2)
    expect("share a store" in told, f"--shard without a store: {told}")
    environment |= {"SLURM_ARRAY_TASK_ID": "7", "SLURM_ARRAY_TASK_COUNT": "2", "SLURM_ARRAY_TASK_MIN": "5", "SLURM_JOB_ID": "40",
                    "SLURM_ARRAY_JOB_ID": "33"}
    program.run(*run, "--shard", "auto", env=environment)
    state = states(program.folder / "out")["case00"]
    expect(state["job"] == "33_7" and state["state"] == "done", f"a task of Slurm leaves {state}")
    _, told = program.run("cohort", "status", "slides", code=1)
    expect("is not the output folder of a run" in told, f"cohort status of another folder: {told}")
    print("refusals: wrong shards and folders are named")


def resources(program):
    """What a slide had open is closed when it is done: computed, and looked up for another output folder."""
    limit, count = 32, 40
    program.draw(side=512, count=count)
    (program.folder / "spots.yaml").write_text(SPOTS)
    run = ["run", "spots.yaml", "--set", "slide=slides/*.svs", "-j", "1", "--progress", "off", "--store", "store"]
    few = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    for out, tasks in (("computed", []), ("looked-up", []), ("as-task", ["--shard", "1/1"])):
        program.run(*run, "--out", out, *tasks, preexec_fn=few)
        found = states(program.folder / out)
        expect(len(found) == count and all(s["state"] == "done" for s in found.values()), f"{out}: {len(found)} slides have a state")
    print(f"resources: {count} slides with at most {limit} open files")


def stages(program):
    """Copies of slides: never more than three, the results those without, nothing left; of a killed run the next takes it away."""
    slides = program.draw(side=512, count=GOOD)
    spoil(slides)
    (program.folder / "spots.yaml").write_text(SPOTS)
    run = ["run", "spots.yaml", "--set", "slide=slides/*.svs", "-j", "1", "--progress", "off", "--keep-going"]
    program.run(*run, "--out", "calm", "--store", "calm-store", code=3)
    near = program.folder / "near"
    copies = lambda: list(near.glob("mitoloom-stage-*/*/*"))
    for out, tasks in (("staged", []), ("staged-task", ["--shard", "1/1"])):
        running = program.start(*run, "--out", out, "--store", f"{out}-store", "--stage", near, *tasks)
        most = 0
        while running.poll() is None:
            most = max(most, len(copies()))
            time.sleep(0.002)
        expect(running.returncode == 3, f"{out}: exit {running.returncode}\n{running.communicate()}")
        expect(1 <= most <= 3, f"{out}: {most} copies at once")
        expect(list(near.iterdir()) == [], f"{out} leaves {list(near.iterdir())}")
        expect_equal(program.folder / "calm", program.folder / out)
    running = program.start(*run, "--out", "killed", "--store", "killed-store", "--stage", near)
    wait_until(copies, what="a copy")
    running.kill()
    running.communicate()
    expect(copies(), "the killed run has no copy left: nothing is shown")
    program.run(*run, "--out", "killed", "--store", "killed-store", "--stage", near, code=3)
    expect(list(near.iterdir()) == [], f"after a killed run there is still {list(near.iterdir())}")
    expect_equal(program.folder / "calm", program.folder / "killed")
    (program.folder / "file").write_text("")
    _, told = program.run(*run, "--out", "refused", "--stage", program.folder / "file" / "near", code=1)
    expect("Not a directory" in told, f"a folder that cannot be made: {told}")
    print("stages: copies come and go")


def kills(program, number, seed):
    slides = program.draw(side=512, count=GOOD)
    spoil(slides)
    (program.folder / "spots.yaml").write_text(SPOTS)
    run = ["run", "spots.yaml", "--set", "slide=slides/*.svs", "-j", "1", "--progress", "off"]
    calm = program.folder / "calm"
    begun = time.time()
    program.run(*run, "--keep-going", "--out", calm, "--store", "calm-store", code=3)
    span = time.time() - begun
    draw = random.Random(seed)
    done = rounds = lost = 0
    while done < number:
        rounds += 1
        out, store = program.folder / f"out{rounds}", program.folder / f"store{rounds}"
        task = [*run, "--out", out, "--store", store, "--give-up-after", "0", "--shard"]
        for _ in range(min(draw.randint(1, 4), number - done)):
            running = [program.start(*task, f"{i}/2") for i in (1, 2)]
            time.sleep(draw.uniform(0, span / 2))
            victim = draw.choice(running)
            if victim.poll() is None:
                victim.kill()
                done += 1
            for process in running:
                text = process.communicate()
                expect(process is victim or process.returncode in (0, 3), f"a task ended with {process.returncode}\n{text}")
            lost += sum(s["state"] == "running" for s in states_or_none(out))
            if all(process.returncode in (0, 3) for process in running):
                break
        program.run(*task, "1/1", code=3)
        expect_equal(calm, out)
        expect_outcome(program, out)
        for folder in (out, store):
            shutil.rmtree(folder, ignore_errors=True)
    print(f"kills: {done} tasks killed in {rounds} rounds, {lost} slides cut off; all results equal those of an undisturbed run")


def hosts(program):
    """Two machines, which see neither each other's processes nor names: one is switched off, the other takes over what it had."""
    spaces = ["unshare", "--uts", "--pid", "--fork", "--mount-proc", "--kill-child"]
    if subprocess.run([*spaces, "hostname", "elsewhere"], capture_output=True).returncode:
        print("hosts: left out, this user may not make name spaces")
        return
    slides = program.draw(side=1024, count=GOOD)
    spoil(slides)
    run = ["run", ROOT / "pipelines/detect/detect.yaml", "--set", "slide=slides/*.svs", "-j", "1", "--progress", "off"]
    calm, out = program.folder / "calm", program.folder / "out"
    program.run(*run, "--keep-going", "--out", calm, "--store", "calm-store", code=3)

    def on(host, shard):
        words = [program.path, *run, "--out", out, "--store", "store", "--shard", shard]
        return subprocess.Popen([*spaces, "sh", "-c", f'hostname {host}; exec "$@"', "sh", *map(str, words)], cwd=program.folder,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)
    first, second = on("first", "1/2"), on("second", "2/2")
    wait_until(lambda: any(s["host"] == "first" and s["state"] == "running" for s in states_or_none(out)), what="a slide of the first host")
    first.kill()
    first.communicate()
    off = time.time()
    lost = [name for name, s in states(out).items() if s["host"] == "first" and s["state"] == "running"]
    expect(lost, "the host had nothing when it was switched off")
    second.communicate()
    left = [name for name, s in states(out).items() if s["state"] == "running"]
    expect(left == lost, f"{lost} were lost, {left} are left: they were taken before anybody could know")
    while True:
        told = on("second", "1/1").communicate()[0]
        if "with other tasks" not in told:
            break
        expect(time.time() - off < 120, f"nobody takes over after {time.time() - off:.0f} s: {told}")
        time.sleep(1)
    expect_outcome(program, out)
    hosts_now = {s["host"] for s in states(out).values()}
    print(f"hosts: {len(lost)} slides of a host that was switched off done by the other {time.time() - off:.0f} s later; "
          f"{expect_equal(calm, out)} files equal those of an undisturbed run; hosts {sorted(hosts_now)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mitoloom")
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", help="keep everything here")
    parser.add_argument("--only", default="manifests,refusals,plans,stores,folders,sweeps,resources,stages,tasks,losses,signals,kills")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        for name in arguments.only.split(","):
            program = Program(arguments.mitoloom, pathlib.Path(arguments.folder or temporary) / name)
            try:
                {"manifests": manifests, "refusals": refusals, "plans": plans, "stores": stores, "folders": folders,
                 "sweeps": sweeps, "resources": resources, "stages": stages, "tasks": tasks, "losses": losses, "signals": signals, "kills": lambda p: kills(p, arguments.kills, arguments.seed),
                 "hosts": hosts}[name](program)
            except Failed as failure:
                sys.exit(f"{name}: {failure}")


if __name__ == "__main__":
    main()
