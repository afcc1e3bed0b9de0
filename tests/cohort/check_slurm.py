#!/usr/bin/env python3
"""Runs the examples of docs/examples/slurm on a Slurm of its own: two nodes on this machine.

    check_slurm.py MITOLOOM [--folder FOLDER]

A cohort of twelve drawn slides, one that is cut and one that is empty, as an array of four tasks. One task is killed with -9 in the
middle: it is not queued again, the others do its slides. One is told by SIGUSR1 that its time is over: it ends with 75, is queued again
and goes on. Files must be equal, byte for byte, to those of an undisturbed run. Then a sweep as an array of three shards, and a job of its
own that is queued again. Exits with 77, which means skipped, where Slurm is not
installed or this user may not start it.
"""
import argparse, csv, os, pathlib, re, secrets, shutil, signal, socket, subprocess, sys, tempfile, time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from check_cohort import GOOD, SWEEP, expect_outcome, spoil, states_or_none
from cohort_kit import ROOT, SPOTS, Failed, Program, expect, expect_equal, states, wait_until

SKIPPED = 77
TASKS = 4
CONF = """
ClusterName=mitoloom
SlurmctldHost=%(host)s(127.0.0.1)
SlurmctldPort=%(port)d
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=%(folder)s/munge.sock,cred_expire=5
CredType=cred/munge
StateSaveLocation=%(folder)s/state
SlurmdSpoolDir=%(folder)s/spool-%%n
SlurmctldPidFile=%(folder)s/slurmctld.pid
SlurmdPidFile=%(folder)s/slurmd-%%n.pid
SlurmctldLogFile=%(folder)s/slurmctld.log
SlurmdLogFile=%(folder)s/slurmd-%%n.log
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_interval=2,bf_interval=2
JobRequeue=1
ReturnToService=2
KillWait=5
MinJobAge=300
NodeName=n[1-2] NodeHostname=%(host)s NodeAddr=127.0.0.1 Port=[%(node_port)d-%(last_port)d] CPUs=2 RealMemory=2000 State=UNKNOWN
PartitionName=slides Nodes=n[1-2] Default=YES MaxTime=INFINITE State=UP
"""


class NoCluster(Exception):
    """Slurm is installed, but its daemons do not work here."""


class Cluster:
    """A Slurm on the loopback interface with all it has below one folder, for as long as the `with`."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)

    def __enter__(self):
        for name in ("state", "spool-n1", "spool-n2"):
            (self.folder / name).mkdir(parents=True)
        self.folder.chmod(0o755)
        port = free_port()
        (self.folder / "slurm.conf").write_text(CONF % {"host": socket.gethostname().split(".")[0], "folder": self.folder, "port": port,
                                                        "node_port": port + 1, "last_port": port + 2})
        (self.folder / "cgroup.conf").write_text("CgroupPlugin=cgroup/v1\n")
        key = self.folder / "munge.key"
        key.write_bytes(secrets.token_bytes(1024))
        key.chmod(0o400)
        self.environment = dict(os.environ, SLURM_CONF=str(self.folder / "slurm.conf"))
        self.processes = []
        try:
            self.bring_up(key)
        except Failed as failure:
            self.__exit__()
            raise NoCluster(str(failure)) from None
        return self

    def bring_up(self, key):
        self.start("munged", "--foreground", "--force", f"--key-file={key}", f"--socket={self.folder}/munge.sock",
                   f"--pid-file={self.folder}/munged.pid", f"--log-file={self.folder}/munged.log", f"--seed-file={self.folder}/munge.seed")
        wait_until(lambda: (self.folder / "munge.sock").exists(), 20, "munged")
        self.start("slurmctld", "-D", "-i")
        for node in ("n1", "n2"):
            self.start("slurmd", "-D", "-N", node)
        wait_until(lambda: self.command("sinfo", "-h", "-N", "-t", "idle", "-o", "%N").split() == ["n1", "n2"], 60, "two idle nodes")

    def __exit__(self, *_):
        for process in reversed(self.processes):
            process.terminate()
        for process in self.processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()

    def start(self, *command):
        log = open(self.folder / f"{command[0]}-{len(self.processes)}.out", "w")
        self.processes.append(subprocess.Popen(command, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log))

    def command(self, *command, check=False):
        done = subprocess.run(command, env=self.environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        expect(not check or done.returncode == 0, f"{' '.join(map(str, command))}: {done.stdout}")
        return done.stdout

    def job(self, name):
        text = self.command("scontrol", "show", "job", name)
        return dict(re.findall(r"(\w+)=(\S*)", text))


def missing_for_slurm():
    """Why no Slurm can be started here; empty where nothing is known to be in the way."""
    missing = [name for name in ("slurmctld", "slurmd", "sbatch", "munged") if shutil.which(name) is None]
    if missing:
        return f"{', '.join(missing)} not installed"
    return "" if os.geteuid() == 0 else "only the superuser can start a Slurm of its own"


def free_port():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return min(server.getsockname()[1], 60000)


def check(program, cluster):
    slides = program.draw(side=1024, count=GOOD)
    spoil(slides)
    (program.folder / "slides.txt").write_text("".join(f"slides/{p.name}\n" for p in sorted(slides.iterdir())))
    detect = [str(ROOT / "pipelines/detect/detect.yaml"), "--set", "slide=@slides.txt"]
    calm = program.folder / "calm"
    program.run("run", *detect, "-j", "1", "--progress", "off", "--keep-going", "--out", calm, "--store", "calm-store", code=3)

    out = program.folder / "out"
    cluster.environment["MITOLOOM"] = str(program.path)
    os.chdir(program.folder)
    told = cluster.command("sbatch", "--parsable", f"--array=1-{TASKS}", "--cpus-per-task=1", "--mem-per-cpu=0",
                           ROOT / "docs/examples/slurm/cohort.sbatch", *detect, "--out", "out", "--store", "store", check=True)
    job = told.split(";")[0].strip()
    begun = time.time()

    def running(but=()):
        return [s for s in states_or_none(out) if s["state"] == "running" and s["job"] not in but]
    victim = wait_until(running, what="a slide of a task")[0]
    os.kill(int(victim["pid"]), signal.SIGKILL)
    late = wait_until(lambda: running([victim["job"]]), what="a slide of another task")[0]
    cluster.command("scancel", "--signal=USR1", "--batch", late["job"], check=True)
    wait_until(lambda: cluster.job(late["job"]).get("Restarts") == "1", what=f"{late['job']} to be queued again")

    names = [f"{job}_{i}" for i in range(1, TASKS + 1)]
    over = ("COMPLETED", "FAILED")
    wait_until(lambda: all(cluster.job(name).get("JobState") in over for name in names), 240, "the array")
    jobs = {name: cluster.job(name) for name in names}
    codes = {name: one["ExitCode"] for name, one in jobs.items()}
    print(f"slurm: {time.time() - begun:.1f} s; {victim['job']} killed, {late['job']} told that its time is over; "
          f"exit codes {codes}; restarts { {name: one['Restarts'] for name, one in jobs.items()} }")
    expect(jobs[victim["job"]]["ExitCode"] == "137:0" and jobs[victim["job"]]["Restarts"] == "0", f"the task that was killed: {codes}")
    expect(all(code in ("0:0", "3:0", "137:0") for code in codes.values()), f"exit codes {codes}")
    table = expect_outcome(program, out)
    expect((out / "run.json").exists(), "no task wrote run.json")
    expect(all(row["grade"] for row in table.values() if row["state"] == "done"), "cohort.csv has no grades")
    print(f"slurm: {expect_equal(calm, out)} files equal those of an undisturbed run")


def check_sweep(program, cluster):
    """Three shards of a sweep as an array: what they share is computed once, and they are joined."""
    (program.folder / "spots.yaml").write_text(SPOTS)
    (program.folder / "sweep.yaml").write_text(SWEEP.replace("*.svs", "case0*.svs"))
    told = cluster.command("sbatch", "--parsable", "--array=1-3", "--cpus-per-task=1", "--mem-per-cpu=0",
                           ROOT / "docs/examples/slurm/sweep.sbatch", "sweep.yaml", "--out", "swept", "--store", "sweep-store", check=True)
    job = told.split(";")[0].strip()
    names = [f"{job}_{i}" for i in (1, 2, 3)]
    wait_until(lambda: all(cluster.job(name).get("JobState") in ("COMPLETED", "FAILED") for name in names), 240, "the sweep")
    expect(all(cluster.job(name)["ExitCode"] == "0:0" for name in names), f"a shard failed: {[cluster.job(name)['ExitCode'] for name in names]}")
    logs = [(program.folder / f"mitoloom-sweep-{name}.log").read_text() for name in names]
    ran = sorted(int(re.search(r"(\d+) of 8 nodes ran", log)[1]) for log in logs)
    expect(ran == [4, 4, 8], f"of the nodes ran {ran}\n{logs}")
    program.run("merge", "sweep.yaml", *(f"swept/shard-{i}" for i in (1, 2, 3)), "--out", "joined")
    print("slurm: a sweep in three shards, what they share computed once")


def check_requeue(program, cluster):
    """The script for trainings: a job whose time is over is queued again and goes on."""
    told = cluster.command("sbatch", "--parsable", "--cpus-per-task=1", "--mem-per-cpu=0", ROOT / "docs/examples/slurm/training.sbatch",
                           ROOT / "pipelines/detect/detect.yaml", "--set", "slide=slides/case0*.svs", "--out", "long", "--store", "long-store",
                           check=True)
    job = told.split(";")[0].strip()
    wait_until(lambda: any(s["state"] == "running" for s in states_or_none(program.folder / "long")), what="a slide of the job")
    cluster.command("scancel", "--signal=USR1", "--batch", job, check=True)
    wait_until(lambda: cluster.job(job).get("Restarts") == "1", what="the job to be queued again")
    wait_until(lambda: cluster.job(job).get("JobState") in ("COMPLETED", "FAILED"), 240, "the job")
    expect(cluster.job(job)["ExitCode"] == "0:0", f"the job that went on: {cluster.job(job)}")
    for one in sorted((program.folder / "long").glob("case*")):
        expect_equal(program.folder / "calm" / one.name, one)
    print("slurm: a job was told that its time is over, was queued again and went on")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mitoloom")
    parser.add_argument("--folder", help="keep everything here")
    arguments = parser.parse_args()
    os.environ["PATH"] += ":/usr/sbin"
    if why := missing_for_slurm():
        print(f"skipped: {why}")
        sys.exit(SKIPPED)
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(arguments.folder or temporary).resolve()
        try:
            with Cluster(folder / "slurm") as cluster:
                program = Program(arguments.mitoloom, folder / "work")
                check(program, cluster)
                check_sweep(program, cluster)
                check_requeue(program, cluster)
        except NoCluster as failure:
            print(f"skipped: no Slurm comes up on this machine: {failure}")
            sys.exit(SKIPPED)
        except Failed as failure:
            sys.exit(f"slurm: {failure}")


if __name__ == "__main__":
    main()
