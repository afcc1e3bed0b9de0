#!/usr/bin/env python3
"""Runs the examples of docs/examples/slurm on a Slurm of its own: two nodes on this machine.

    check_slurm.py MITOLOOM [--folder FOLDER]

A cohort of twelve drawn slides, one that is cut and one that is empty, as an array of four tasks. One task is killed with -9 in the
middle: it is not queued again, the others do its slides. One is told by SIGUSR1 that its time is over: it ends with 75, is queued again
and goes on. Files must be equal, byte for byte, to those of an undisturbed run. Then a sweep as an array of three shards; a job whose time
limit Slurm announces, which is queued again; an array that scancel ends, which is not; and a node that dies, whose job goes on on the
other. The program is called by two words, as one in a container is. Exits with 77, which means skipped, where Slurm is not installed or
this user may not start it.
"""
import argparse, csv, os, pathlib, re, secrets, shutil, signal, socket, subprocess, sys, tempfile, time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from check_cohort import GOOD, SWEEP, expect_outcome, spoil, states_or_none
from cohort_kit import ROOT, SPOTS, Failed, Program, expect, expect_equal, states, wait_until

SKIPPED = 77
TASKS = 4
DETECT = [ROOT / "pipelines/detect/detect.yaml", "--set", "slide=@slides.txt"]
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
        self.processes, self.nodes, self.up = [], {}, False
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
            self.nodes[node] = self.start("slurmd", "-D", "-N", node)
        wait_until(lambda: self.command("sinfo", "-h", "-N", "-t", "idle", "-o", "%N").split() == ["n1", "n2"], 60, "two idle nodes")
        self.up = True

    def __exit__(self, *_):
        if self.up and self.command("squeue", "-h"):  # after a check that failed: daemons that end leave their jobs running
            self.command("scancel", "--user=root")
            left = time.time() + 15
            while self.command("squeue", "-h") and time.time() < left:
                time.sleep(0.2)
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
        return self.processes[-1]

    def command(self, *command, check=False):
        done = subprocess.run(command, env=self.environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        expect(not check or done.returncode == 0, f"{' '.join(map(str, command))}: {done.stdout}")
        return done.stdout

    def submit(self, script, *words, options=()):
        told = self.command("sbatch", "--parsable", "--cpus-per-task=1", "--mem-per-cpu=0", *options, ROOT / "docs/examples/slurm" / script, *words,
                            check=True)
        return told.split(";")[0].strip()

    def job(self, name):
        text = self.command("scontrol", "show", "job", name)
        return dict(re.findall(r"(\w+)=(\S*)", text))

    def wait_for_end(self, *names):
        over = ("COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL")
        wait_until(lambda: all(self.job(name).get("JobState") in over for name in names), 240, f"{', '.join(names)} to end")
        return [self.job(name) for name in names]


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


def prepare(program, cluster):
    """The slides, an undisturbed run of them, and what the scripts call."""
    slides = program.draw(side=1024, count=GOOD)
    spoil(slides)
    (program.folder / "slides.txt").write_text("".join(f"slides/{p.name}\n" for p in sorted(slides.iterdir())))
    program.run("run", *DETECT, "-j", "1", "--progress", "off", "--keep-going", "--out", "calm", "--store", "calm-store", code=3)
    (program.folder / "image.sh").write_text(f"exec '{program.path}' \"$@\"\n")
    cluster.environment["MITOLOOM"] = "sh image.sh"
    os.chdir(program.folder)


def check(program, cluster):
    out = program.folder / "out"
    job = cluster.submit("cohort.sbatch", *DETECT, "--out", "out", "--store", "store", options=[f"--array=1-{TASKS}"])
    begun = time.time()

    def running(but=()):
        return [s for s in states_or_none(out) if s["state"] == "running" and s["job"] not in but]
    victim = wait_until(running, what="a slide of a task")[0]
    os.kill(int(victim["pid"]), signal.SIGKILL)
    late = wait_until(lambda: running([victim["job"]]), what="a slide of another task")[0]
    cluster.command("scancel", "--signal=USR1", "--batch", late["job"], check=True)
    wait_until(lambda: cluster.job(late["job"]).get("Restarts") == "1", what=f"{late['job']} to be queued again")

    names = [f"{job}_{i}" for i in range(1, TASKS + 1)]
    jobs = dict(zip(names, cluster.wait_for_end(*names)))
    codes = {name: one["ExitCode"] for name, one in jobs.items()}
    print(f"slurm: {time.time() - begun:.1f} s; {victim['job']} killed, {late['job']} told that its time is over; "
          f"exit codes {codes}; restarts { {name: one['Restarts'] for name, one in jobs.items()} }")
    expect(jobs[victim["job"]]["ExitCode"] == "137:0" and jobs[victim["job"]]["Restarts"] == "0", f"the task that was killed: {codes}")
    expect(all(code in ("0:0", "3:0", "137:0") for code in codes.values()), f"exit codes {codes}")
    table = expect_outcome(program, out)
    expect((out / "run.json").exists(), "no task wrote run.json")
    expect(all(row["grade"] for row in table.values() if row["state"] == "done"), "cohort.csv has no grades")
    equal = expect_equal(program.folder / "calm", out)
    print(f"slurm: {equal} files equal those of an undisturbed run")


def check_sweep(program, cluster):
    """Three shards of a sweep as an array: what they share is computed once, and they are joined."""
    (program.folder / "spots.yaml").write_text(SPOTS)
    (program.folder / "sweep.yaml").write_text(SWEEP.replace("*.svs", "case0*.svs"))
    job = cluster.submit("sweep.sbatch", "sweep.yaml", "--out", "swept", "--store", "sweep-store", options=["--array=1-3"])
    names = [f"{job}_{i}" for i in (1, 2, 3)]
    codes = [one["ExitCode"] for one in cluster.wait_for_end(*names)]
    expect(codes == ["0:0"] * 3, f"a shard failed: {codes}")
    logs = [(program.folder / f"mitoloom-sweep-{name}.log").read_text() for name in names]
    ran = sorted(int(re.search(r"(\d+) of 8 nodes ran", log)[1]) for log in logs)
    expect(ran == [4, 4, 8], f"of the nodes ran {ran}\n{logs}")
    program.run("merge", "sweep.yaml", *(f"swept/shard-{i}" for i in (1, 2, 3)), "--out", "joined")
    print("slurm: a sweep in three shards, what they share computed once")


def hold(out):
    """Stops the process that works on a slide, in the middle of it, until a SIGCONT: what comes then does not depend on how fast it is."""
    one = wait_until(lambda: [s for s in states_or_none(out) if s["state"] == "running"], what=f"a slide in {out}")[0]
    os.kill(int(one["pid"]), signal.SIGSTOP)
    return one


def awaits(pid, number):
    """A signal was sent to a process that is stopped, which has not seen it yet."""
    pending = re.search(r"ShdPnd:\s*(\w+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1]
    return int(pending, 16) >> (number - 1) & 1


def words_for(program, out, count):
    """A run of the first slides into a folder and a store of their own, and what compares it with the undisturbed one."""
    names = [f"case{i:02}" for i in range(count)]

    def compare():
        for name in names:
            expect_equal(program.folder / "calm" / name, program.folder / out / name)
    slides = ", ".join(f"slides/{name}.svs" for name in names)
    return [ROOT / "pipelines/detect/detect.yaml", "--set", f"slide=[{slides}]", "--out", out, "--store", f"{out}-store"], compare


class TimeLimit:
    """A job whose end Slurm announces: it is queued again, and also when it ends with 75 for another reason. Slurm looks at time limits every
    30 s, so the signal comes 10 to 40 s after the start, while other checks run; the job is stopped in a slide until then."""

    def __init__(self, program, cluster):
        self.program, self.cluster = program, cluster
        words, self.compare = words_for(program, "long", 4)
        self.job = cluster.submit("training.sbatch", *words, options=["--time=10", "--signal=B:USR1@560"])
        self.held = hold(program.folder / "long")

    def check(self):
        pid = int(self.held["pid"])
        wait_until(lambda: awaits(pid, signal.SIGUSR1), 100, "Slurm to say that the time is nearly over")
        os.kill(pid, signal.SIGCONT)
        self.expect_restart("1", "its time is nearly over")
        again = hold(self.program.folder / "long")
        os.kill(int(again["pid"]), signal.SIGTERM)  # of the program alone: its script knows of no signal
        os.kill(int(again["pid"]), signal.SIGCONT)
        self.expect_restart("2", "it ended with 75")
        one, = self.cluster.wait_for_end(self.job)
        expect(one["ExitCode"] == "0:0", f"the job that went on: {one}")
        self.compare()
        print("slurm: a job was told by Slurm that its time is over, another time it ended with 75: it was queued again and went on")

    def expect_restart(self, count, why):
        wait_until(lambda: self.cluster.job(self.job).get("Restarts") == count, what=f"the job to be queued again: {why}")


def check_cancel(program, cluster):
    """What scancel ends, running or waiting, stays away; the same command goes on with it."""
    words, compare = words_for(program, "cancelled", 4)
    job = cluster.submit("cohort.sbatch", *words, options=["--array=1-2%1"])
    held = hold(program.folder / "cancelled")
    cluster.command("scancel", job, check=True)  # Slurm sends CONT before TERM
    ends = [(one["JobState"], one["Restarts"]) for one in cluster.wait_for_end(f"{job}_1", f"{job}_2")]
    expect(ends == [("CANCELLED", "0")] * 2, f"after scancel the tasks are {ends}")
    left = {name: state["state"] for name, state in states(program.folder / "cancelled").items()}
    expect(left.get(held["slide"]) == "stopped" and "running" not in left.values(), f"after scancel the slides are {left}")
    said, _ = program.run("cohort", "status", "cancelled")
    expect("1 stopped" in said, f"after scancel status says {said}")
    job = cluster.submit("cohort.sbatch", *words, options=["--array=1-2"])
    codes = [one["ExitCode"] for one in cluster.wait_for_end(f"{job}_1", f"{job}_2")]
    expect(codes == ["0:0"] * 2, f"submitted again the tasks end with {codes}")
    compare()
    print("slurm: an array that scancel ended was not queued again; submitted again it went on")


def check_node_failure(program, cluster):
    """A node dies with all that runs on it: Slurm itself queues the job again, on the other node."""
    words, compare = words_for(program, "moved", 4)
    job = cluster.submit("cohort.sbatch", *words, options=["--array=1"])
    name = f"{job}_1"
    wait_until(lambda: any(s["state"] == "done" for s in states_or_none(program.folder / "moved")), what="a slide that is done")
    node = cluster.job(name)["NodeList"]
    pid = int(hold(program.folder / "moved")["pid"])
    chain = [pid]  # the program, its script, the step of Slurm
    while (parent := parent_of(chain[-1])) not in (1, cluster.nodes[node].pid):
        chain.append(parent)
    expect("slurmstepd" in pathlib.Path(f"/proc/{chain[-1]}/cmdline").read_text(), f"{chain[-1]} is not the step of {name}")
    cluster.nodes[node].kill()
    for one in reversed(chain):
        os.kill(one, signal.SIGKILL)
    cluster.command("scontrol", "update", f"nodename={node}", "state=down", "reason=test", check=True)
    end, = cluster.wait_for_end(name)
    expect(end["ExitCode"] == "0:0" and end["Restarts"] == "1" and end["NodeList"] != node, f"after its node {node} died: {end}")
    compare()
    print(f"slurm: node {node} died, its task went on on {end['NodeList']}")


def parent_of(pid):
    return int(re.search(r"PPid:\s*(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1])


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
                prepare(program, cluster)
                limited = TimeLimit(program, cluster)
                check(program, cluster)
                check_sweep(program, cluster)
                check_cancel(program, cluster)
                limited.check()
                check_node_failure(program, cluster)
        except NoCluster as failure:
            print(f"skipped: no Slurm comes up on this machine: {failure}")
            sys.exit(SKIPPED)
        except Failed as failure:
            sys.exit(f"slurm: {failure}")


if __name__ == "__main__":
    main()
