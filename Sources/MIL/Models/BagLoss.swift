import Foundation
import Records
import Torch

/// How far outputs `[R, O]` are from what the bag is trained towards; the mean of the rows.
func bagLoss(_ outputs: Tensor, _ aim: Aim) throws -> Tensor {
    switch aim {
    case .class(let label): return try crossEntropy(outputs, label: label)
    case .ordinal(let grade):
        return try answersLoss(cumulativeLogits(outputs), Readout.answers(above: grade, outputs.shape[1]))
    case .answers(let weights): return try answersLoss(outputs, weights)
    case .number(let number, let huber):
        let error = try outputs.to(.float32) - number
        guard let huber else { return try error.square().mean() }
        // Its square up to there, then a straight line of the same slope.
        let near = try error.clamped(-huber...huber)
        return try (near * (2 * error - near)).mean()
    case .risk(let turn): return try turn.loss(outputs)
    case .several(let parts):
        let losses = try parts.map { part in
            let own = try outputs.narrow(dim: 1, start: part.columns.lowerBound, length: part.columns.count)
            return try part.weight * bagLoss(own, part.aim)
        }
        guard let first = losses.first else { return try Tensor.zeros([], on: outputs.device) }
        return try losses.dropFirst().reduce(first) { try $0 + $1 }
    case .mixed(let aims):
        return try aims.reduce(Tensor.zeros([], on: outputs.device)) { try $0 + $1.share * bagLoss(outputs, $1.aim) }
    }
}

/// The same of one row of outputs that has been read, in double precision; nil where it is a matter of several bags.
func bagLoss(_ outputs: [Double], _ aim: Aim) -> Double? {
    switch aim {
    case .class(let label):
        let largest = outputs.max() ?? 0
        return log(outputs.reduce(0) { $0 + exp($1 - largest) }) + largest - outputs[label]
    case .ordinal(let grade):
        return answersLoss(cumulativeLogits(outputs), Readout.answers(above: grade, outputs.count))
    case .answers(let weights): return answersLoss(outputs, weights)
    case .number(let number, let huber):
        let error = outputs[0] - number
        let near = huber.map { min(max(error, -$0), $0) } ?? error
        return near * (2 * error - near)
    case .risk: return nil
    case .several(let parts):
        let losses = parts.map { part in bagLoss(Array(outputs[part.columns]), part.aim).map { part.weight * $0 } }
        return losses.contains { $0 == nil } ? nil : losses.reduce(0) { $0 + ($1 ?? 0) }
    case .mixed(let aims):
        return aims.reduce(0) { sum, part in
            sum.flatMap { sum in bagLoss(outputs, part.aim).map { sum + part.share * $0 } }
        }
    }
}

extension Readout {
    /// Whether a grade is above each class but the last.
    static func answers(above grade: Int, _ count: Int) -> [LabelWeights] {
        (0..<count).map { LabelWeights(yes: grade > $0 ? 1 : 0, no: grade > $0 ? 0 : 1) }
    }
}

/// Weighted binary cross-entropy of log odds `[R, O]`: the sum over outputs; the mean of the rows.
private func answersLoss(_ logOdds: Tensor, _ weights: [Readout.LabelWeights]) throws -> Tensor {
    let odds = try logOdds.to(.float32)
    let pairs = try Tensor.stacked([Tensor.zeros(odds.shape, on: odds.device), odds], dim: 2).logSoftmax(dim: 2)
    let factors = weights.flatMap { [Float($0.no), Float($0.yes)] }
    let weighted = try pairs * Tensor(factors, shape: [1, weights.count, 2], on: odds.device)
    return try -weighted.sum() / Double(odds.shape[0])
}

private func answersLoss(_ logOdds: [Double], _ weights: [Readout.LabelWeights]) -> Double {
    zip(logOdds, weights).reduce(0) { $0 + $1.1.yes * softplus(-$1.0) + $1.1.no * softplus($1.0) }
}

/// log(1 + exp(x))
func softplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-abs(x))) }

/// The log odds of being above each class but the last, which fall by construction (cumulative logits: McCullagh, 1980): the first
/// output, less the softplus of each further one. `[R, C - 1]` → `[R, C - 1]`
func cumulativeLogits(_ outputs: Tensor) throws -> Tensor {
    let outputs = try outputs.to(.float32)
    let gaps = outputs.shape[1] - 1
    guard gaps > 0 else { return outputs }
    let first = try outputs.narrow(dim: 1, start: 0, length: 1)
    let rest = try outputs.narrow(dim: 1, start: 1, length: gaps)
    let steps = try -Tensor.stacked([Tensor.zeros(rest.shape, on: rest.device), -rest], dim: 2)
        .logSoftmax(dim: 2).select(dim: 2, index: 1)
    // Sums of the first, the first two and so on.
    let sums = (0..<gaps).flatMap { row in (0..<gaps).map { column in row <= column ? Float(1) : 0 } }
    let falls = try steps.matmul(Tensor(sums, shape: [gaps, gaps], on: outputs.device))
    return try Tensor.concatenated([first, first - falls], dim: 1)
}

func cumulativeLogits(_ outputs: [Double]) -> [Double] {
    guard let first = outputs.first else { return [] }
    var (logit, logits) = (first, [first])
    for gap in outputs.dropFirst() {
        logit -= softplus(gap)
        logits.append(logit)
    }
    return logits
}
