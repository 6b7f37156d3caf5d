"""nvidia-smi's share of the time in which any kernel runs on the device, five times a second."""
import subprocess
import threading
import time

from .children import Missed


class Sampler:
    def __init__(self, lab):
        self.samples, self.child, self.children = [], None, lab.children
        if lab.device == "cpu":
            return
        # One GPU alone: all that there are would be mixed. Its number there may be another one than LibTorch's.
        gpu = lab.gpu or lab.device.partition(":")[2] or "0"
        command = ["nvidia-smi", "-i", gpu, "--query-gpu=utilization.gpu", "--format=csv,noheader,nounits", "-lms", "200"]
        try:
            self.child = lab.children.start(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        except Missed:
            return
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        for line in self.child.stdout:
            if line.strip().isdigit():
                self.samples.append((time.time(), int(line)))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.child:
            self.children.stop(self.child)

    def busy(self, beginning):
        """The mean from the first kernel to the last one after a time, 0 to 1; None without samples."""
        values = [share for moment, share in self.samples if moment >= beginning]
        at_work = [index for index, share in enumerate(values) if share >= 5]
        if not at_work:
            return None
        span = values[at_work[0] : at_work[-1] + 1]
        return sum(span) / len(span) / 100
