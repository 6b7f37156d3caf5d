import Foundation

/// What a model of linear outputs is fitted by: a convex function of the outputs of all rows. Outputs are `[outputs][rows]`.
protocol RowLoss {
    var outputs: Int { get }
    /// Whether an output has a constant of its own, which no penalty holds.
    var hasIntercepts: Bool { get }

    func value(_ scores: [[Double]]) -> Double
    func slope(_ scores: [[Double]]) -> [[Double]]
    /// The second derivative at `scores`, as what it makes of a direction.
    func curvature(_ scores: [[Double]]) -> ([[Double]]) -> [[Double]]
}

/// Σ log(1 + e^(−±score)) over known entries: two classes, labels, and "above this grade".
struct LogisticLoss: RowLoss {
    /// `[outputs][rows]`; nil where it is not known, which counts for nothing.
    let truth: [[Bool?]]

    var outputs: Int { truth.count }
    var hasIntercepts: Bool { true }

    func value(_ scores: [[Double]]) -> Double {
        zip(truth, scores).reduce(0) { sum, pair in
            zip(pair.0, pair.1).reduce(sum) { sum, entry in
                guard let truth = entry.0 else { return sum }
                let score = truth ? entry.1 : -entry.1
                return sum + max(0, -score) + log1p(exp(-abs(score)))
            }
        }
    }

    func slope(_ scores: [[Double]]) -> [[Double]] {
        zip(truth, scores).map {
            zip($0, $1).map { truth, score in truth.map { Self.chance(score) - ($0 ? 1 : 0) } ?? 0 }
        }
    }

    func curvature(_ scores: [[Double]]) -> ([[Double]]) -> [[Double]] {
        let bends = zip(truth, scores).map { truth, scores in
            zip(truth, scores).map { $0 == nil ? 0 : Self.chance($1) * Self.chance(-$1) }
        }
        return { direction in zip(bends, direction).map { zip($0, $1).map(*) } }
    }

    static func chance(_ score: Double) -> Double {
        score >= 0 ? 1 / (1 + exp(-score)) : exp(score) / (1 + exp(score))
    }
}

/// −Σ log softmax(scores) of the true class: three classes and more.
struct SoftmaxLoss: RowLoss {
    /// Of each row.
    let labels: [Int]
    let outputs: Int

    var hasIntercepts: Bool { true }

    func value(_ scores: [[Double]]) -> Double {
        labels.indices.reduce(0) { sum, row in
            let own = scores.map { $0[row] }
            let top = own.max() ?? 0
            return sum + top + log(own.reduce(0) { $0 + exp($1 - top) }) - own[labels[row]]
        }
    }

    func slope(_ scores: [[Double]]) -> [[Double]] {
        Self.chances(scores).enumerated().map { output, chances in
            zip(chances, labels).map { $0 - ($1 == output ? 1 : 0) }
        }
    }

    func curvature(_ scores: [[Double]]) -> ([[Double]]) -> [[Double]] {
        let chances = Self.chances(scores)
        return { direction in
            let means = labels.indices.map { row in
                zip(chances, direction).reduce(0) { $0 + $1.0[row] * $1.1[row] }
            }
            return zip(chances, direction).map { chances, direction in
                means.indices.map { chances[$0] * (direction[$0] - means[$0]) }
            }
        }
    }

    static func chances(_ scores: [[Double]]) -> [[Double]] {
        var chances = scores
        for row in (scores.first ?? []).indices {
            let top = scores.map { $0[row] }.max() ?? 0
            let masses = scores.map { exp($0[row] - top) }
            let total = masses.reduce(0, +)
            for output in scores.indices { chances[output][row] = masses[output] / total }
        }
        return chances
    }
}

/// ½ Σ (score − number)²: with the penalty ridge regression.
struct SquaredLoss: RowLoss {
    let numbers: [Double]

    var outputs: Int { 1 }
    var hasIntercepts: Bool { true }

    func value(_ scores: [[Double]]) -> Double {
        zip(scores[0], numbers).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) / 2 }
    }

    func slope(_ scores: [[Double]]) -> [[Double]] { [zip(scores[0], numbers).map(-)] }

    func curvature(_ scores: [[Double]]) -> ([[Double]]) -> [[Double]] { { $0 } }
}
