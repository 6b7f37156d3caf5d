"""What was measured, and whether the goals hold: the JSON and the table."""
import json
import threading
import time


class Record:
    def __init__(self, path, facts, start):
        self.path, self.facts, self.start = path, facts, start
        self.steps, self.goals, self.lock = {}, [], threading.Lock()
        # That of an earlier run is not to be taken for this one's.
        self.write()

    def goal(self, name, wanted, found, holds):
        with self.lock:
            self.goals.append({"goal": name, "wanted": wanted, "found": found, "met": bool(holds)})

    def end(self, name, result):
        with self.lock:
            self.steps[name] = result
            print(f"{name:<9} {result['seconds']:6.1f} s of {result['limit']:.0f}  {result.get('error', 'ok')}", flush=True)
            # What was measured is kept whatever becomes of the rest.
            self.write()

    def write(self):
        document = {**self.facts, "steps": self.steps, "goals": self.goals, "seconds": round(time.monotonic() - self.start, 1)}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        new = self.path.with_name(self.path.name + ".tmp")
        new.write_text(json.dumps(document, indent=1) + "\n")
        new.replace(self.path)

    def table(self, is_judged):
        lines = [line(name, step) for name, step in self.steps.items() if "ours" in step and "peer" in step] + [""]
        for goal in self.goals:
            verdict = "small, not judged" if not is_judged else "met" if goal["met"] else "MISSED"
            lines.append(f"{verdict:<18} {goal['goal']:<44} wanted {goal['wanted']}, found {goal['found']}")
        return "\n".join(lines)


def line(name, step):
    ours, peer = step["ours"], step["peer"]
    whole = ours["end_to_end"]
    share = f", {step['gemm_share']:.0%} of the product's rate" if "gemm_share" in step else ""
    seen = step.get("gpu_utilisation")
    return (
        f"{name:<9} memory {ours['encoder_alone']['patches_per_second']:7.0f} /s (peer {peer['memory_patches_per_second']:.0f}){share}; "
        f"slides {whole['patches_per_second']:7.0f} /s (peer {peer['patches_per_second']:.0f}), busy {whole.get('busy') or 0:.0%}"
        + (f" (nvidia-smi {seen:.0%})" if seen is not None else "") + f", {whole.get('limit')} limits"
    )
