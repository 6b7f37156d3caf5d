"""The peer of bench-train: eager PyTorch in fp32 on one thread. Reads requests from standard input, one a line:

    prepare MODEL COUNT WIDTH DEVICE   a new model, a bag of random features, an optimiser as the model's recipe has it
    train | infer                      one step; answers {"seconds": CPU time, or on a GPU that of the clock}
    peak train | peak infer            one step; answers {"peak": megabytes above what was held; on a GPU 0}
"""
import ctypes
import json
import pathlib
import sys
import time

import torch

import dtfd
import mhim
import models
import rrt
import transmil
import wikg

torch.set_num_threads(1)


def hidden(width):
    return 128 if width == 384 else width // 2


BUILDERS = {
    "mean": lambda d: models.Pooling(d, hidden(d), 2, "mean"),
    "max": lambda d: models.Pooling(d, hidden(d), 2, "max"),
    "abmil": lambda d: models.ABMIL(d, hidden(d), 2, gated=False),
    "abmil_gated": lambda d: models.ABMIL(d, hidden(d), 2, gated=True),
    "acmil_ga": lambda d: models.GatedACMIL(d, hidden(d), 2),
    "acmil_mha": lambda d: models.MultiHeadACMIL(d, hidden(d), 2),
    "clam_sb": lambda d: models.CLAM(d, hidden(d), 2, multi=False),
    "clam_mb": lambda d: models.CLAM(d, hidden(d), 2, multi=True),
    "dsmil": lambda d: models.DSMIL(d, 512, 2),
    "transmil": lambda d: transmil.TransMIL(d, 512, 2),
    "dtfd": lambda d: dtfd.DTFD(d, 512, 2),
    "rrt": lambda d: rrt.RRT(d, 512, 2),
    "wikg": lambda d: wikg.WiKG(d, 512, 2),
    "mhim_abmil": lambda d: mhim.MHIM(d, 512, 2, mhim.AttentionHost),
    "mhim_dsmil": lambda d: mhim.MHIM(d, 512, 2, mhim.DSMILHost),
    "mhim_transmil": lambda d: mhim.MHIM(d, 512, 2, mhim.TransformerHost),
}


class Trial:
    def __init__(self, name, count, width, device):
        torch.manual_seed(1)
        self.device = torch.device(device)
        # Where the models make what they draw and count.
        torch.set_default_device(self.device)
        self.model = BUILDERS[name](width)
        self.bag = torch.rand(count, width) * 2 - 1
        parameters = [p for p in self.model.parameters() if p.requires_grad]
        if name.startswith(("mean", "max", "abmil", "acmil")):
            self.optimiser = torch.optim.AdamW(parameters, lr=1e-4, weight_decay=1e-5)
        else:
            self.optimiser = torch.optim.Adam(parameters, lr=2e-4, weight_decay=1e-5)

    def train(self):
        self.model.train()
        self.optimiser.zero_grad()
        loss = self.model.loss(self.bag, 1)
        loss.backward()
        self.optimiser.step()
        if hasattr(self.model, "finish"):
            self.model.finish()
        return loss.item()

    def infer(self):
        self.model.eval()
        with torch.no_grad():
            return self.model(self.bag).sum().item()


def kilobytes(key):
    for line in pathlib.Path("/proc/self/status").read_text().splitlines():
        if line.startswith(key + ":"):
            return int(line.split()[1])
    raise KeyError(key)


def peak(step):
    if trial.device.type != "cpu":
        step()
        return 0
    ctypes.CDLL(None).malloc_trim(0)
    pathlib.Path("/proc/self/clear_refs").write_text("5")
    before = kilobytes("VmRSS")
    step()
    return max(0, kilobytes("VmHWM") - before) / 1024


def seconds(step):
    if trial.device.type == "cpu":
        start = time.process_time()
        step()
        return time.process_time() - start
    torch.cuda.synchronize(trial.device)
    start = time.perf_counter()
    step()
    torch.cuda.synchronize(trial.device)
    return time.perf_counter() - start


trial = None
for line in sys.stdin:
    words = line.split()
    if words[0] == "prepare":
        trial = Trial(words[1], int(words[2]), int(words[3]), words[4])
        answer = {}
    elif words[0] == "peak":
        answer = {"peak": peak(getattr(trial, words[1]))}
    else:
        answer = {"seconds": seconds(getattr(trial, words[0]))}
    print(json.dumps(answer), flush=True)
