"""Figures of a test part computed a second time, so that an oracle is judged on the very pairs and folds that a model is."""
import math

import numpy as np

# Risks this close count as equal, as in Sources/Evaluation/Survival/Concordance.swift.
TIE = 1e-8


class Censoring:
    """G(t) of a training part: the Kaplan-Meier estimate with events and censorings in each other's place."""

    def __init__(self, times, events):
        self.times = np.unique(times)
        values, value = [], 1.0
        for time in self.times:
            here = times == time
            censored = np.sum(here & ~events)
            if censored:
                value *= 1 - censored / (np.sum(times >= time) - np.sum(here & events))
            values.append(value)
        self.values = np.array(values)

    def at(self, times):
        return np.concatenate([[1.0], self.values])[np.searchsorted(self.times, times, side="right")]

    @property
    def horizon(self):
        """The last time at which it is above 0."""
        return self.times[self.values > 0][-1]


def uno(folds):
    """Uno's C, pairs of all folds pooled. `folds`: of each the training part's times and events, and the test part's times, events and
    risks."""
    curves = [Censoring(times, events) for times, events, *_ in folds]
    tau = min(curve.horizon for curve in curves)
    right = whole = 0.0
    for curve, (_, _, times, events, risks) in zip(curves, folds):
        for place in np.flatnonzero(events & (times < tau)):
            later = (times > times[place]) | ((times == times[place]) & ~events)
            weight = curve.at(times[place : place + 1])[0] ** -2
            ahead = risks[place] - risks[later]
            right += weight * (np.sum(ahead > TIE) + 0.5 * np.sum(np.abs(ahead) <= TIE))
            whole += weight * np.sum(later)
    return right / whole


def auc(scores, truth):
    """The share of pairs in the right order; equal scores count half."""
    positive, negative = np.sort(scores[truth]), np.sort(scores[~truth])
    below = np.searchsorted(negative, positive, side="left") + np.searchsorted(negative, positive, side="right")
    return below.sum() / (2 * len(positive) * len(negative))


def macro_auc(scores, truth):
    """Mean over the columns; what is not known (nan) counts for nothing."""
    known = ~np.isnan(truth)
    columns = range(truth.shape[1])
    return float(np.mean([auc(scores[known[:, k], k], truth[known[:, k], k] > 0.5) for k in columns]))


def pearson(one, other):
    return float(np.corrcoef(one, other)[0, 1])


# The 97.5 % quantiles of Student's t for 1 to 30 degrees of freedom.
STUDENT = [
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
    2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
]  # fmt: skip


def spread(values):
    """Mean and standard deviation (n − 1); of one value the latter is 0."""
    values = np.asarray(values, float)
    return float(values.mean()), float(values.std(ddof=1)) if len(values) > 1 else 0.0


def paired(one, other):
    """Mean of `one` less `other`, and its 95 % interval by Student's t over the pairs."""
    mean, sd = spread(np.asarray(one) - np.asarray(other))
    count = len(one)
    if count < 2:
        return mean, (-math.inf, math.inf)
    half = (STUDENT[count - 2] if count <= 31 else 1.96) * sd / math.sqrt(count)
    return mean, (mean - half, mean + half)
