"""The PyTorch side of the benchmark: prepares one task, and runs it each time that a line arrives.

    python worker.py --task drtune --setup setup.json --variant bfloat16+checkpointing

Lines of JSON answer: `{"loaded": …}` before the first run and `{"ready": …}` after it, `{"operations": …}` of a run that counts multiplications and additions, then `{"seconds": …, "values": …}` for each `run`, and at the end
of the input `{"peakBytes": …}`.
"""

import argparse
import json
import os
import sys
import time

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("HF_HUB_OFFLINE", "1")


def peak_bytes():
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))


def say(**line):
    print(json.dumps(line), flush=True)


def main():
    arguments = argparse.ArgumentParser()
    for name in ("task", "setup", "variant"):
        arguments.add_argument(f"--{name}", required=True)
    chosen = arguments.parse_args()
    import torch

    from torch.utils.flop_counter import FlopCounterMode

    from tasks import TASKS
    from variant import parse_variant

    if os.environ.get("BENCHMARK_THREADS"):
        torch.set_num_threads(int(os.environ["BENCHMARK_THREADS"]))
    with open(chosen.setup, encoding="utf-8") as file:
        setup = json.load(file)
    run = TASKS[chosen.task](setup, parse_variant(chosen.variant))
    say(loaded=chosen.task)
    run()
    say(ready=f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads")
    with FlopCounterMode(display=False) as counter:
        run()
    say(operations=counter.get_total_flops())
    for line in sys.stdin:
        if line.strip() != "run":
            break
        started = time.perf_counter()
        values = run()
        say(seconds=time.perf_counter() - started, values=values)
    say(peakBytes=peak_bytes())


main()
