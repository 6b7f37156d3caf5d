"""What of the check needs no GPU and no programs: python3 -m unittest gpu.tests, in scripts."""
import json
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

from . import timetable
from .children import Children, Late, Missed
from .record import Record
from .steps import rows
from .steps.slides import on_tissue
from .timetable import Step


class FakeLab:
    def __init__(self, folder):
        self.children, self.deadline = Children(), 0
        self.record = Record(folder / "check.json", {}, time.monotonic())

    def until(self, deadline):
        self.deadline = deadline
        return self

    def run(self, *command):
        return self.children.run(command, self.deadline)


class ChildrenTests(unittest.TestCase):
    def test_what_a_late_child_has_started_ends_with_it(self):
        mark = f"{time.time():.6f}"[4:]
        began = time.monotonic()
        with self.assertRaises(Late):
            Children().run(["sh", "-c", f"sleep 1{mark} & sleep 2{mark}; wait"], began + 0.5)
        self.assertLess(time.monotonic() - began, 5)
        self.assertNotIn(mark, subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout)

    def test_what_it_leaves_behind_holds_nothing_up(self):
        began = time.monotonic()
        self.assertEqual(Children().run(["sh", "-c", "sleep 60 & echo out"], began + 30), "out\n")
        self.assertLess(time.monotonic() - began, 10)

    def test_why_there_is_no_result_is_said(self):
        for command, said in (["sh", "-c", "echo no >&2; exit 3"], "exit 3; no"), (["/none"], "No such file"):
            with self.assertRaisesRegex(Missed, said):
                Children().run(command, time.monotonic() + 30)

    def test_what_it_had_printed_is_kept_where_it_fails(self):
        for command in ["sh", "-c", "echo found; exit 2"], ["sh", "-c", "echo found; sleep 60"]:
            with self.assertRaises(Missed) as caught:
                Children().run(command, time.monotonic() + 1)
            self.assertEqual(caught.exception.output, "found\n")

    def test_nothing_is_started_after_the_end(self):
        children = Children()
        children.end()
        with self.assertRaises(Missed):
            children.run(["true"], time.monotonic() + 30)


class TimetableTests(unittest.TestCase):
    def run_steps(self, *plan):
        with tempfile.TemporaryDirectory() as folder:
            lab = FakeLab(pathlib.Path(folder))
            timetable.run(list(plan), lab, time.monotonic())
            return lab.record.steps

    def test_all_steps_together_stay_below_the_limit(self):
        for tiny in False, True:
            self.assertLessEqual(timetable.deadlines(rows(tiny), 0)[-1], timetable.LIMIT)

    def test_a_late_step_says_so_and_the_next_one_goes_on(self):
        steps = self.run_steps([Step("slow", 0.3, lambda lab: lab.run("sleep", "60"))], [Step("next", 5, lambda lab: {"found": 1})])
        self.assertTrue(steps["slow"]["late"])
        self.assertIn("killed after", steps["slow"]["error"])
        self.assertEqual(steps["next"]["found"], 1)

    def test_what_one_leaves_the_next_has(self):
        steps = self.run_steps([Step("quick", 4, lambda lab: {})], [Step("next", 1, lambda lab: {})])
        self.assertGreater(steps["next"]["limit"], 4)

    def test_a_step_whose_need_failed_does_not_begin(self):
        def fault(lab):
            raise ValueError("broken")

        steps = self.run_steps([Step("first", 1, fault)], [Step("second", 1, lambda lab: {}, ("first",))])
        self.assertEqual(steps["first"]["error"], "ValueError: broken")
        self.assertIn("first", steps["second"]["error"])

    def test_what_was_found_is_kept(self):
        def part(lab):
            raise Late("no time", {"cases": 3})

        self.assertEqual(self.run_steps([Step("part", 1, part)])["part"]["cases"], 3)

    def test_a_step_brings_what_it_needs(self):
        names = [step.name for row in timetable.chosen(rows(True), ["lanes"]) for step in row]
        self.assertEqual(names, ["machine", "export", "slides", "lanes"])
        with self.assertRaises(ValueError):
            timetable.chosen(rows(True), ["nonsense"])


class RecordTests(unittest.TestCase):
    def test_what_an_earlier_run_left_is_gone_before_the_first_step_ends(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "out/check.json"
            path.parent.mkdir()
            path.write_text('{"steps": {"old": {}}}')
            Record(path, {"device": "cuda"}, time.monotonic())
            found = json.loads(path.read_text())
            self.assertEqual((found["device"], found["steps"], found["goals"]), ("cuda", {}, []))


class PlaceTests(unittest.TestCase):
    def test_squares_lie_on_tissue(self):
        ring = [[0, 0], [40, 0], [40, 25], [0, 25], [0, 0]]
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "a.geojson"
            path.write_text('{"features": [{"geometry": {"type": "Polygon", "coordinates": [%s]}}]}' % ring)
            self.assertEqual(on_tissue(path, 10), [[x, y] for y in (0, 10) for x in (0, 10, 20, 30)])


if __name__ == "__main__":
    sys.exit(unittest.main())
