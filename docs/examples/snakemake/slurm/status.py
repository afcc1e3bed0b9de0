#!/usr/bin/env python3
"""Says how a job of Slurm is, for Snakemake's --cluster-status: running, success or failed."""
import re, subprocess, sys

job = sys.argv[1].split(";")[0]
shown = subprocess.run(["scontrol", "--oneliner", "show", "job", job], capture_output=True, text=True).stdout
state = (re.search(r"JobState=(\w+)", shown) or [None, "UNKNOWN"])[1]
over = {"COMPLETED": "success", "UNKNOWN": "failed", "FAILED": "failed", "CANCELLED": "failed", "TIMEOUT": "failed", "NODE_FAIL": "failed",
        "OUT_OF_MEMORY": "failed", "BOOT_FAIL": "failed", "DEADLINE": "failed", "PREEMPTED": "failed"}
print(over.get(state, "running"))
