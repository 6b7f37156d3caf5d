"""Bags whose truth is known: what is asked of them follows from a few witnesses among their instances, and hardly from their mean."""
import json
import struct

import numpy as np


def write(path, bags):
    """One safetensors with `ID/features` (fp16) of every bag."""
    header, offset = {}, 0
    for name, rows in bags.items():
        end = offset + 2 * rows.size
        header[f"{name}/features"] = {"dtype": "F16", "shape": list(rows.shape), "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for rows in bags.values():
            file.write(np.ascontiguousarray(rows, dtype="<f2").tobytes())


def names(count):
    return [f"bag{number:04}" for number in range(count)]


def orthonormal(draw, count, width):
    return np.linalg.qr(draw.normal(size=(width, width)))[0].T[:count]


def sizes(draw, count, least, most):
    """Spread evenly over their logarithms."""
    return np.exp(draw.uniform(np.log(least), np.log(most), count)).astype(int)


def ground(draw, centres, count, evenness):
    """Instances around some centres in the bag's own proportions."""
    shares = draw.dirichlet(np.full(len(centres), evenness))
    return centres[draw.choice(len(centres), count, p=shares)]


class Lookalikes:
    """Two classes of the kind of mil/synthetic, by what that set's bags show of themselves: 64 numbers with noise of 1, ten common
    clusters in proportions that differ from bag to bag, an offset of each bag, and three kinds of lookalikes in every bag. Positive bags
    have witnesses of one kind or two; a kind and its lookalikes stand at an angle with a cosine of 0.65. In a third of the
    negative bags one kind of lookalikes is commoner. Lookalikes are as frequent beside the witnesses as there (0.72 of each kind)."""

    WIDTH = 64

    def __init__(self, seed, rate, lengths, parts=(140, 30, 90), least=300, most=1500):
        """`rate`: mean share of witnesses in a positive bag; `lengths`: how strong each kind of witness is; `parts`: bags for training, validation and test, half of each positive."""
        draw = np.random.default_rng([seed, round(1e6 * rate)])
        axes = orthonormal(draw, 6, self.WIDTH)
        lengths = np.array(lengths)[:, None]
        witnesses, lookalikes = lengths * axes[:3], lengths * (0.65 * axes[:3] + np.sqrt(1 - 0.65**2) * axes[3:])
        centres = draw.normal(scale=0.82, size=(10, self.WIDTH))
        self.ids = names(sum(parts))
        self.labels = np.concatenate([np.arange(count) % 2 for count in parts])
        self.parts = np.repeat(["train", "val", "test"], parts)
        self.bags, self.witnesses = {}, []
        for name, label, count in zip(self.ids, self.labels, sizes(draw, len(self.ids), least, most)):
            own = []
            shares = 0.72 * rate * draw.uniform(0.4, 1.6, 3)
            if label:
                kinds = draw.choice(3, 2 if draw.random() < 0.16 else 1, replace=False)
                found = max(3, round(count * rate * draw.uniform(0.45, 1.55)))
                own.append(witnesses[draw.choice(kinds, found)])
            elif draw.random() < 1 / 3:
                shares[draw.integers(3)] += 0.25 * rate
            own += [np.repeat(lookalikes[kind : kind + 1], round(count * share), axis=0) for kind, share in enumerate(shares)]
            rows = np.concatenate(own)
            rows = np.concatenate([rows, ground(draw, centres, max(0, count - len(rows)), 0.8)])
            rows = rows + draw.normal(size=rows.shape) + draw.normal(scale=0.27, size=self.WIDTH)
            self.bags[name] = draw.permutation(rows)
            self.witnesses.append(found / len(rows) if label else 0.0)


class Strengths:
    """Bags of 32 numbers in which one instance in twenty is a witness. A witness has `kinds` strengths, each along an axis of its own;
    the mean of a strength over a bag's witnesses is what everything asked of the bag follows from (standard deviation 1 over
    the bags). An offset of each bag, along these axes too, is twice what witnesses add to the mean of all instances."""

    WIDTH, GAIN, OFFSET = 32, 3.0, 0.3

    def __init__(self, seed, count, kinds=1, least=100, most=250):
        draw = np.random.default_rng([seed, kinds, count])
        axes = orthonormal(draw, kinds + 1, self.WIDTH)
        rest = np.eye(self.WIDTH) - axes.T @ axes
        centres = draw.normal(size=(6, self.WIDTH)) @ rest
        centres *= 5 / np.linalg.norm(centres, axis=1, keepdims=True)
        self.ids, self.bags = names(count), {}
        means = np.zeros((count, kinds))
        for place, size in enumerate(sizes(draw, count, least, most)):
            found = max(4, round(size * draw.uniform(0.035, 0.065)))
            strengths = draw.normal(size=kinds) + 0.5 * draw.normal(size=(found, kinds))
            means[place] = strengths.mean(0)
            witnesses = 8 * axes[0] + self.GAIN * strengths @ axes[1:]
            rows = np.concatenate([witnesses, ground(draw, centres, size - found, 1.0)])
            rows = rows + draw.normal(size=rows.shape) + draw.normal(scale=self.OFFSET, size=self.WIDTH)
            self.bags[self.ids[place]] = draw.permutation(rows)
        self.strengths = (means - means.mean(0)) / means.std(0)
        self.draw = draw

    def times(self, censored, concordance=0.80):
        """Times until an event whose hazard is e^(βz) of Weibull's shape 1.3, and whether it came before the end of watching: for half
        of the bags at 1000, for the others evenly before that. β and that end are chosen for the share that is censored, and
        for the concordance that z itself has among a great many bags."""
        slope, end = calibrated(censored, concordance)
        z, count = self.strengths[:, 0], len(self.ids)
        until = weibull(self.draw.exponential(size=count), slope, z) / end * 1000
        watched = np.where(self.draw.random(count) < 0.5, 1.0, self.draw.random(count)) * 1000
        times = np.maximum(0.1, np.round(np.minimum(until, watched), 1))
        return times, until <= watched

    def numbers(self, correlation=0.9):
        """50 ± 10, with this correlation to the strength."""
        z = self.strengths[:, 0]
        return np.round(50 + 10 * (correlation * z + np.sqrt(1 - correlation**2) * self.draw.normal(size=len(z))), 3)

    def findings(self, slope=3.0, unknown=0.2):
        """A yes or no for each strength, with odds e^(slope · z); of the last a share is not known (nan)."""
        found = (self.draw.random(self.strengths.shape) < 1 / (1 + np.exp(-slope * self.strengths))).astype(float)
        found[self.draw.random(len(self.ids)) < unknown, -1] = np.nan
        return found


def weibull(exponential, slope, z, shape=1.3):
    return (exponential * np.exp(-slope * z)) ** (1 / shape)


def calibrated(censored, concordance, count=3000):
    """β, and the end of watching in the unit of times, by bisection over one large draw."""
    draw = np.random.default_rng(1)
    z, exponential = draw.normal(size=count), draw.exponential(size=count)

    def halved(low, high, is_too_low):
        for _ in range(24):
            middle = np.sqrt(low * high)
            low, high = (middle, high) if is_too_low(middle) else (low, middle)
        return np.sqrt(low * high)

    def end(times):
        def share(end):
            return 0.5 * np.mean(times > end) + 0.5 * np.mean(np.minimum(times, end)) / end

        return halved(1e-6, 1e6, lambda end: share(end) > censored)

    def ordered(slope):
        order = np.argsort(weibull(exponential, slope, z))
        times, risks = weibull(exponential, slope, z)[order], z[order]
        events = np.flatnonzero(times < end(times))
        right = sum(int(np.sum(risks[place] > risks[place + 1 :])) for place in events)
        return right / sum(count - 1 - place for place in events)

    slope = halved(0.2, 10, lambda slope: ordered(slope) < concordance)
    return slope, end(weibull(exponential, slope, z))


class Wide:
    """Many small bags of wide features, two classes: a share of the instances stands a little to one side."""

    def __init__(self, seed, count, width, patches=20):
        draw = np.random.default_rng([seed, count, width])
        axis = draw.normal(size=width)
        axis /= np.linalg.norm(axis)
        self.ids, self.labels, self.bags = names(count), np.arange(count) % 2, {}
        self.parts = np.repeat(["train", "val", "test"], [count * 8 // 10, count // 10, count - count * 8 // 10 - count // 10])
        for name, label in zip(self.ids, self.labels):
            rows = draw.normal(size=(patches, width), scale=0.5).astype(np.float32)
            if label:
                rows[: patches // 4] += 3 * axis
            self.bags[name] = rows
