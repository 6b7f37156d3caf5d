"""What of the check needs no program: python3 -m unittest recipe.tests, in scripts."""
import json
import math
import os
import pathlib
import struct
import tempfile
import unittest
import unittest.mock

import numpy as np

from recipe import bags, parts, training, truth


class TruthTests(unittest.TestCase):
    def test_pairs_count_as_censoring_wants(self):
        # By hand: G falls to 3/4 at 2, and to 3/8 at 4; the last time with G above 0 is 5, which is no longer compared.
        times, events = np.array([1.0, 2, 3, 4, 5]), np.array([True, False, True, False, True])
        curve = truth.Censoring(times, events)
        self.assertEqual(list(curve.at(np.array([0.5, 1, 2, 3.5, 4]))), [1, 1, 0.75, 0.75, 0.375])
        self.assertEqual(curve.horizon, 5)
        # The event at 1 has four later ones, three of lower risk; that at 3 has two, one of equal risk.
        risks = np.array([3.0, 4, 2, 2, 1])
        weight = 0.75**-2
        self.assertAlmostEqual(truth.uno([(times, events, times, events, risks)]), (3 + 1.5 * weight) / (4 + 2 * weight))

    def test_folds_are_not_compared_with_each_other(self):
        times, events = np.array([1.0, 2, 3]), np.array([True, True, True])
        fold = (times, events, times, events)
        apart = [(*fold, np.array([3.0, 2, 1])), (*fold, np.array([30.0, 20, 10]))]
        self.assertEqual(truth.uno(apart), 1)

    def test_auc_of_ties_and_unknowns(self):
        scores, known = np.array([[0.1], [0.5], [0.5], [0.9], [0.0]]), np.array([[0.0], [0], [1], [1], [np.nan]])
        self.assertEqual(truth.macro_auc(scores, known), 3.5 / 4)

    def test_a_pair_is_a_seed(self):
        mean, (low, high) = truth.paired([0.8, 0.9, 0.85], [0.7, 0.7, 0.7])
        self.assertAlmostEqual(mean, 0.15)
        self.assertAlmostEqual(high - mean, 4.303 * 0.05 / math.sqrt(3))
        self.assertAlmostEqual(mean - low, high - mean)


class BagTests(unittest.TestCase):
    def test_strengths_tell_and_means_hardly(self):
        made = bags.Strengths(1, 400)
        self.assertLess(abs(made.strengths.mean()), 1e-9)
        for censored in 0.3, 0.7:
            times, events = made.times(censored)
            self.assertAlmostEqual(1 - events.mean(), censored, delta=0.06)
            oracle = truth.uno([(times, events, times, events, made.strengths[:, 0])])
            self.assertAlmostEqual(oracle, 0.8, delta=0.03)
        means = np.array([rows.mean(0) for rows in made.bags.values()])
        fit = np.linalg.lstsq(np.c_[np.ones(300), means[:300]], made.strengths[:300, 0], rcond=None)[0]
        told = np.corrcoef(np.c_[np.ones(100), means[300:]] @ fit, made.strengths[300:, 0])[0, 1]
        self.assertLess(told, 0.6)

    def test_the_same_seed_gives_the_same_bags_and_another_seed_others(self):
        one, same, other = (bags.Lookalikes(seed, 0.02, parts.FRESH[0.02], (4, 2, 2), 30, 40) for seed in (1, 1, 2))
        self.assertTrue(all(np.array_equal(one.bags[name], same.bags[name]) for name in one.ids))
        self.assertFalse(all(np.array_equal(one.bags[name], other.bags[name]) for name in one.ids))

    def test_shares_of_witnesses_are_those_wanted(self):
        for rate in 0.02, 0.1:
            made = bags.Lookalikes(1, rate, parts.FRESH[rate])
            witnesses = np.array(made.witnesses)
            self.assertEqual(witnesses[made.labels == 0].max(), 0)
            self.assertAlmostEqual(witnesses[made.labels == 1].mean() / rate, 1, delta=0.1)

    def test_files_are_laid_out_as_they_say(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "bags.safetensors"
            bags.write(path, {"a": np.array([[1, 2]]), "b": np.array([[3, 4], [5, 6]])})
            data = path.read_bytes()
            length = struct.unpack("<Q", data[:8])[0]
            header, rows = json.loads(data[8 : 8 + length]), data[8 + length :]
            start, end = header["b/features"]["data_offsets"]
            self.assertEqual(np.frombuffer(rows[start:end], "<f2").tolist(), [3, 4, 5, 6])
            self.assertEqual((length % 8, len(rows)), (0, end))


class GoalTests(unittest.TestCase):
    def test_one_missed_goal_is_enough_and_what_is_told_is_none(self):
        goals = parts.Goals(is_judged=True)
        goals.add("a", "told", "1")
        self.assertEqual(goals.exit_code, 2)
        goals.add("a", "met", "1", "1", True)
        self.assertEqual(goals.exit_code, 0)
        goals.add("a", "missed", "2", "1", False)
        self.assertEqual(goals.exit_code, 1)
        self.assertTrue(goals.text(goals.lines[2]).startswith("FAIL"))

    def test_times_that_are_not_told_are_a_goal_that_is_missed(self):
        class Untold:
            def seconds(self):
                return None

        goals = parts.Goals(is_judged=True)
        parts.cost("a", goals, [])
        self.assertEqual(goals.lines, [])
        parts.cost("a", goals, [Untold()])
        self.assertEqual(goals.exit_code, 1)

    def test_data_that_a_named_part_lacks_is_a_goal_that_is_missed(self):
        class Options:
            root, named = pathlib.Path("/none/of/these"), []

            def models(self, part):
                return ["abmil"]

        for named, code in ([], 2), (["musk"], 1):
            goals, Options.named = parts.Goals(is_judged=True), named
            with unittest.mock.patch.dict(os.environ, {"WSI_SHARED_DIR": "/none"}):
                parts.musk(None, goals, Options())
            self.assertEqual(goals.exit_code, code)

    def test_every_part_has_models_that_there_are(self):
        self.assertEqual(set(parts.OF), set(parts.PARTS))
        self.assertTrue(all(model in parts.MODELS for models in parts.OF.values() for model in models))

    def test_a_folder_of_another_request_is_not_taken(self):
        with tempfile.TemporaryDirectory() as folder:
            lab, made = training.Lab("wsi", pathlib.Path(folder), 1, None), []
            for request in (1, 1):
                lab.folder("part", [request], made.append)
            self.assertEqual(len(made), 1)
            with self.assertRaises(SystemExit):
                lab.folder("part", [2], made.append)


if __name__ == "__main__":
    unittest.main()
