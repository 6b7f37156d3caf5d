"""An encoder from memory and from slides, ours and then the peer's."""
import json
import os
import typing

from ..children import Missed
from ..sampler import Sampler

# Share of its time in which a device that limits has to be busy.
BUSY = 0.9


class Race(typing.NamedTuple):
    model: str
    # Of the encoder alone.
    seconds: float
    # From slides.
    patches: int
    # How much faster than the peer it is to be.
    least: float = 1
    kind: str = "large"

    def step(self, lab):
        beginning, slides = [], lab.folder / self.kind

        def hear(line, now):
            if "end to end" in line:
                beginning.append(now)

        common = ["--device", lab.device, "--precision", "fp32" if lab.tiny else "bf16"]
        with Sampler(lab) as sampler:
            ours = lab.json_of(
                "bench", "--encoder", self.model, *common, "--seconds", self.seconds, "--patches", self.patches, "--json",
                "--slides", slides, hear=hear,
            )
        forget(slides)
        result = {"ours": ours}
        if beginning:
            result["gpu_utilisation"] = sampler.busy(beginning[0])
        # Of small slides a loader may begin anew for each, or go on from one to the next; the faster of both counts.
        ways = ["whole", "per-slide"] if self.kind == "small" else ["whole"]
        try:
            result["peer"] = peer = lab.peer(
                "run", "--model", self.model, *common, "--batch", 8 if lab.tiny else 256, "--seconds", self.seconds / 2,
                "--coords", lab.folder / f"{self.kind}.json", "--patches", ours["end_to_end"]["patches"], "--ways", *ways, "--most", 8,
            )
        except Missed as error:
            error.found = result
            raise
        if not peer.get("patches_per_second"):
            raise Missed("the loader read no patch in its time", result)
        rate = lab.record.steps.get("machine", {}).get("gemm_tflops")
        # In small it says nothing: the product is as small, and in another precision.
        if rate and not lab.tiny:
            result["gemm_share"] = ours["encoder_alone"]["patches_per_second"] * peer["gflop_per_patch"] / 1000 / rate
            result["peer_gemm_share"] = peer["memory_patches_per_second"] * peer["gflop_per_patch"] / 1000 / rate
        self.judge(lab, result)
        return result

    def judge(self, lab, result):
        name = self.model if self.kind == "large" else f"{self.model}, small slides"
        ours = result["ours"]["end_to_end"]
        result["ratio"] = ratio = ours["patches_per_second"] / result["peer"]["patches_per_second"]
        lab.record.goal(f"{name} beside the loader", f"{self.least} × or more", f"{ratio:.3f} ×", ratio >= self.least)
        busy, limit = ours.get("busy") or 0, ours.get("limit")
        if self.least == 1:
            lab.record.goal(f"{name}: device busy", f"{BUSY:.0%} or more", f"{busy:.1%}", busy >= BUSY)
        else:
            found = f"busy {busy:.1%}, {limit} limits"
            is_named = busy >= BUSY or limit in ("decode", "start")
            lab.record.goal(f"{name}: what limits is named", "decode where the device waits", found, is_named)


def forget(folder):
    """Has the slides read from the disk again, as the race before this one read them."""
    for path in folder.iterdir():
        file = os.open(path, os.O_RDONLY)
        try:
            os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(file)
