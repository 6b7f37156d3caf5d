"""The parts of the check: what is made, trained and wanted in each."""
import math

import numpy as np

from recipe import bags, training, truth

# Widths that make a problem of 32 or 64 numbers a matter of minutes; everything else of a model is its default.
MODELS = {
    "abmil": {"kind": "abmil", "hidden": 64},
    "acmil": {"kind": "acmil", "hidden": 64},
    "mhim": {"kind": "mhim", "hidden": 64},
    "transmil": {"kind": "transmil", "hidden": 64, "heads": 4, "landmarks": 16},
}
# A step costs TransMIL ten times what it costs the others: as many steps as the plan has, of fewer bags.
KEYS = {"transmil": {"epochs": 12, "bags_per_step": 2}}

# Shares of witnesses, and how strong the three kinds are: so that ABMIL by the fixed recipe has an AUC of 0.84 to 0.94 on sets of two other
# seeds, as it has on mil/synthetic. The plan was not tried on those.
FRESH = {0.02: (6.6, 5.9, 5.3), 0.10: (4.2, 3.8, 3.4)}


class Goals:
    """What was found beside what is wanted."""

    def __init__(self, is_judged):
        self.is_judged, self.lines = is_judged, []

    def add(self, part, what, found, wanted="", holds=None, **figures):
        """`holds` None: told, not judged."""
        met = None if holds is None else bool(holds)
        line = {"part": part, "what": what, "found": found, "wanted": wanted, "met": met, **figures}
        self.lines.append(line)
        print(self.text(line), flush=True)

    def text(self, line):
        verdict = "told" if line["met"] is None else "small" if not self.is_judged else "PASS" if line["met"] else "FAIL"
        wanted = f"; wanted: {line['wanted']}" if line["wanted"] else ""
        return f"{verdict:<5} {line['part']:<20} {line['what']:<46} {line['found']}{wanted}"

    @property
    def exit_code(self):
        """0 where what was judged is met, 1 where a goal is missed, 2 where nothing was judged."""
        if all(line["met"] is None for line in self.lines):
            return 2
        return 1 if self.is_judged and any(line["met"] is False for line in self.lines) else 0


def pm(values):
    mean, sd = truth.spread(values)
    return f"{mean:.3f} ± {sd:.3f}"


def cost(part, goals, trained):
    """What the baselines took beside the learning, of all trainings of a part together."""
    times = [each.seconds() for each in trained if each]
    if not times:
        return
    if any(time is None for time in times):
        found = "not told by the records of these trainings"
        goals.add(part, "baselines' share of the training's time", found, "at most 5 %", False)
        return
    learning, baselines = map(sum, zip(*times))
    share = baselines / (learning + baselines)
    goals.add(
        part, "baselines' share of the training's time", f"{share:.1%} ({baselines:.1f} s beside {learning:.0f} s)", "at most 5 %",
        share <= 0.05, seconds={"learning": learning, "baselines": baselines},
    )


def fresh(lab, goals, options):
    """Two sets of the kind of mil/synthetic with other shares of witnesses: the plan beside the recipe that was fixed for that set."""
    fixed = {
        "plan": "none", "optimiser": "adamw", "learning_rate": 1e-3, "weight_decay": 1e-5, "epochs": 20, "selection": "auc",
    }
    done = []
    for rate, lengths in FRESH.items():
        part = f"fresh {rate:.0%}"
        sizes = {"parts": (8, 6, 6), "least": 30, "most": 60} if lab.tiny else {}
        folder = lab.folder(
            f"fresh_{rate:.0%}".replace("%", ""), ["fresh", options.seed, rate, list(lengths), sizes],
            lambda folder: training.write_classes(folder, bags.Lookalikes(options.seed, rate, lengths, **sizes)),
        )
        cohort = {"labels": "labels.csv", "splits": "split.csv"}
        for model in options.models("fresh"):
            seeds = {"seeds": options.seeds or (2 if lab.tiny else 10)}
            by_fixed = lab.train(folder, f"{model}_fixed", cohort, MODELS[model], fixed | seeds)
            by_plan = lab.train(folder, f"{model}_plan", cohort, MODELS[model], seeds)
            if not by_fixed or not by_plan:
                continue
            done.append(by_plan)
            figures = {"fixed": by_fixed.figures("auc"), "plan": by_plan.figures("auc")}
            mean, (low, high) = truth.paired(figures["plan"], figures["fixed"])
            found = f"{mean:+.3f} ({low:+.3f} to {high:+.3f}): {pm(figures['plan'])} beside {pm(figures['fixed'])}"
            is_ahead, wanted = (low > 0, "interval above 0") if model == "acmil" else (mean > 0, "above 0")
            goals.add(part, f"{model}: AUC by the plan less the fixed recipe", found, wanted, is_ahead, auc=figures)
            least = min(figures["plan"])
            goals.add(part, f"{model}: the worst seed by the plan", f"{least:.3f}", "above 0.75", least > 0.75)
    cost("fresh", goals, done)


def musk(lab, goals, options):
    data = training.shared(options.root) / "data/mil/musk1"
    if not options.models("musk"):
        return
    if not (data / "labels.csv").is_file():
        found = f"not run: {data} is not there; set WSI_SHARED_DIR to the folder that holds data/"
        # Among all parts it may be left out; who names it wants it judged.
        goals.add("musk", "Musk1", found, *(("its folds trained", False) if "musk" in options.named else ()))
        return
    folder = lab.folder("musk", ["musk"], lambda folder: None)
    splits = "splits/splits_0_[01].csv" if lab.tiny else "splits/splits_*_*.csv"
    cohort = {"labels": str(data / "labels.csv"), "splits": str(data / splits)}
    trained = lab.train(folder, "abmil", cohort, {"kind": "abmil"}, features=str(data / "features"))
    if not trained:
        return
    accuracy = trained.metrics["over_folds"]["accuracy"]
    repeats = (trained.metrics.get("over_repetitions") or {}).get("accuracy", {})
    sd = f" ± {repeats['sd']:.3f} over {repeats['folds']} repetitions" if repeats.get("sd") is not None else ""
    goals.add(
        "musk", f"abmil: accuracy, mean of {accuracy['folds']} folds", f"{accuracy['mean']:.3f}{sd}", "at least 0.88",
        accuracy["mean"] >= 0.88,
    )
    cost("musk", goals, [trained])


class Question:
    """What is asked of bags with strengths, and how its figure and an oracle's are computed from the same tables."""

    def __init__(self, metric, chance, part, variant, cohort, most):
        self.metric, self.chance, self.part, self.variant = metric, chance, part, variant
        self.cohort, self.most = cohort, most

    def of(self, folds, truths, answers):
        """The figure of `answers`, a function of a row, on the folds' test parts."""
        def part(fold, name):
            rows = [row for row in fold if row["part"] == name]
            return np.array([truths[row["slide_id"]] for row in rows]), np.array([answers(row) for row in rows])

        tests = [part(fold, "test") for fold in folds]
        if self.metric == "c_index_uno":
            watched = [part(fold, "train")[0] for fold in folds]
            return truth.uno([
                (train[:, 0], train[:, 1] > 0, test[:, 0], test[:, 1] > 0, risks) for train, (test, risks) in zip(watched, tests)
            ])
        known, given = (np.concatenate(arrays) for arrays in zip(*tests))
        return truth.pearson(given[:, 0], known[:, 0]) if self.metric == "pearson" else truth.macro_auc(given, known)

    @property
    def title(self):
        return f"{self.part} {self.variant}".replace("_", " ") if self.variant != self.part else self.part

    def answer(self, row):
        """What a model said, from a row of predictions.csv."""
        if self.metric == "c_index_uno":
            return float(row["risk"])
        if self.metric == "pearson":
            return [float(row["value"])]
        return [float(row[f"yes_{name}"]) for name in self.cohort["columns"]["labels"]]


def asked(lab, goals, options, part, kinds, questions):
    """`questions`: the table of each variant, and its Question; they are asked of the same bags, and the first again with its lines
    shuffled."""
    count = 24 if lab.tiny else options.bags

    def make(folder):
        made = bags.Strengths(options.seed, count, kinds)
        bags.write(folder / "bags.safetensors", made.bags)

        def write(name, header, cells):
            lines = [(slide, *line) for slide, line in zip(made.ids, cells)]
            training.write_table(folder / f"{name}.csv", ["slide_id", *header], lines)

        write("strengths", map(str, range(kinds)), made.strengths)
        for place, (table, question) in enumerate(questions):
            header, cells = table(made)
            write(question.variant, header, cells)
            if place == 0:
                mixed = np.random.default_rng([options.seed, 7]).permutation(count)
                write("shuffled", header, [cells[other] for other in mixed])

    folder = lab.folder(part, [part, options.seed, count, kinds], make)
    strengths = known(folder / "strengths.csv")
    models, done = options.models(part), []
    for _, question in questions:
        cohort = question.cohort | {"labels": f"{question.variant}.csv", "folds": 2 if lab.tiny else 5}
        seeds = {"seeds": options.seeds or (2 if lab.tiny else 3)}
        trained = {}
        for model in models:
            trained[model] = lab.train(folder, f"{question.variant}_{model}", cohort, MODELS[model], seeds | KEYS.get(model, {}))
        trained = {model: each for model, each in trained.items() if each}
        if trained:
            judge(goals, question, trained, known(folder / f"{question.variant}.csv"), strengths)
        done += trained.values()
    question = questions[0][1]
    cohort = question.cohort | {"labels": "shuffled.csv", "folds": 2 if lab.tiny else 5}
    for model in models:
        trained = lab.train(folder, f"shuffled_{model}", cohort, MODELS[model], KEYS.get(model))
        if not trained:
            continue
        value, (low, high) = trained.estimate(question.metric)
        goals.add(
            part, f"{model}: {question.metric}, shuffled", f"{value:.3f} ({low:.3f} to {high:.3f})", f"{question.chance} within",
            low <= question.chance <= high,
        )
        done.append(trained)
    cost(part, goals, done)


def known(path):
    """Numbers by slide; an empty cell is nan."""
    words = {"yes": 1.0, "no": 0.0, "": math.nan}
    return {
        row.pop("slide_id"): [words[cell] if cell in words else float(cell) for cell in row.values()] for row in training.rows(path)
    }


def judge(goals, question, trained, truths, strengths):
    """`trained`: by the name of the model."""
    named, metric = question.title, question.metric
    first = next(iter(trained.values()))

    def oracle(row):
        z = strengths[row["slide_id"]]
        return z[0] if metric == "c_index_uno" else z

    best = question.of(first.tables()[0], truths, oracle)
    if metric == "c_index_uno":
        goals.add(named, f"oracle: {metric}", f"{best:.3f}", "0.80 ± 0.03", abs(best - 0.80) <= 0.03)
    else:
        goals.add(named, f"oracle: {metric}", f"{best:.3f}")
    apart = 0.0
    for model, each in trained.items():
        found = each.figures(metric)
        again = [question.of(folds, truths, question.answer) for folds in each.tables()]
        apart = max(apart, *(abs(one - other) for one, other in zip(found, again)))
        mean, sd = truth.spread([best - value for value in found])
        goals.add(
            named, f"{model}: gap to the oracle", f"{mean:+.3f} ± {sd:.3f} ({metric} {pm(found)})", f"at most {question.most}",
            mean <= question.most, figures=found, oracle=best,
        )
    goals.add(named, f"{metric} computed again from the tables", f"apart by {apart:.1e}", "at most 1e-6", apart <= 1e-6)
    plain_ones = {name: first.baseline(name, metric) for name in ("linear", "nearest", "kernel")}
    behind = best - plain_ones["linear"]
    others = ", ".join(f"{name} {value:.3f}" for name, value in plain_ones.items())
    goals.add(named, "linear baseline of mean features", f"{behind:.3f} below the oracle ({others})", "at least 0.05", behind >= 0.05)


def survival(lab, goals, options):
    def question(censored, most):
        def table(made):
            times, events = made.times(censored)
            return ["time", "event"], list(zip(times, events.astype(int)))

        variant = f"censored_{100 * censored:.0f}"
        return table, Question("c_index_uno", 0.5, "survival", variant, {"target": "survival"}, most)

    asked(lab, goals, options, "survival", 1, [question(0.3, 0.03), question(0.7, 0.05)])


def numbers(lab, goals, options):
    cohort = {"target": "number", "columns": {"label": "amount"}}

    def table(made):
        return ["amount"], [(value,) for value in made.numbers()]

    asked(lab, goals, options, "number", 1, [(table, Question("pearson", 0.0, "number", "number", cohort, 0.03))])


def labels(lab, goals, options):
    names = ["first", "second", "third"]

    def table(made):
        words = {0.0: "no", 1.0: "yes"}
        return names, [tuple(words.get(value, "") for value in line) for line in made.findings()]

    cohort = {"target": "labels", "columns": {"labels": names}}
    asked(lab, goals, options, "labels", 3, [(table, Question("auc", 0.5, "labels", "labels", cohort, 0.03))])


def baselines(lab, goals, options):
    """What baselines cost of more than 1,000 training bags, and of more features than bags. That they are fitted and timed is judged;
    how long they take is told, for training on 20 patches is nobody's."""
    if not options.models("baselines"):
        return
    for width in (1024, 1536):
        count, side = (30, 40) if lab.tiny else (1500, width)
        folder = lab.folder(
            f"baselines_{width}", ["baselines", options.seed, count, side],
            lambda folder: training.write_classes(folder, bags.Wide(options.seed, count, side)),
        )
        trained = lab.train(folder, "abmil", {"labels": "labels.csv", "splits": "split.csv"}, {"kind": "abmil"})
        if not trained:
            continue
        times = trained.seconds()
        found = f"{times[1]:.1f} s beside {times[0]:.0f} s of learning" if times else "not told by the record of this training"
        what = f"{count} bags of {side} numbers, {count * 4 // 5} to learn from"
        goals.add("baselines", what, found, "told", times is not None, seconds=times)


# The models of each part.
OF = {"fresh": ("abmil", "acmil"), "musk": ("abmil",), "baselines": ("abmil",)} | {
    part: tuple(MODELS) for part in ("survival", "number", "labels")
}
PARTS = {"fresh": fresh, "musk": musk, "survival": survival, "number": numbers, "labels": labels, "baselines": baselines}
