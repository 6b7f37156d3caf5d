import Foundation
import Records
import Torch

/// Mean cross-entropy of the rows of logits `[R, C]`, all against the same label.
func crossEntropy(_ logits: Tensor, label: Int) throws -> Tensor {
    let labels = [Int64](repeating: Int64(label), count: logits.shape[0])
    return try logits.crossEntropy(Tensor(int64s: labels, shape: [labels.count], on: logits.device))
}

/// MHIM's consistency loss: the cross-entropy of the student's features against the teacher's, both as distributions over
/// the D features, the teacher's sharpened by τ; the mean of the rows. It is no divergence: equal features leave their
/// entropy.
///
/// - Parameter teacher: `[R, D]` as `student`; no gradient reaches it.
func consistencyLoss(_ student: Tensor, teacher: Tensor, temperature: Double) throws -> Tensor {
    let target = try (teacher.detach() / temperature).softmax(dim: 1)
    return try -(target * student.logSoftmax(dim: 1)).sum(dim: 1).mean()
}

/// ACMIL's diversity loss: the mean cosine similarity of the attention of all pairs of branches, head by head.
///
/// - Parameter logits: attention logits `[K, N]` or `[heads, K, N]`, K ≥ 2, masked as in the pass that they come from.
/// - Returns: a scalar from 0 (disjoint) to 1 (equal).
func attentionSimilarity(_ logits: Tensor) throws -> Tensor {
    let rank = logits.shape.count
    let attention = try logits.softmax(dim: rank - 1)
    let branches = logits.shape[rank - 2]
    let pairs = (0..<branches).flatMap { first in ((first + 1)..<branches).map { (first, $0) } }
    let first = try attention.indexSelect(dim: rank - 2, pairs.map(\.0))
    let second = try attention.indexSelect(dim: rank - 2, pairs.map(\.1))
    return try first.cosineSimilarity(second, dim: rank - 1).mean()
}

/// Minus the entropy of the attention, which maximises it (AEM; Zhang et al., 2024, equation 5): the mean of all rows.
///
/// - Parameter logits: before the softmax over the last dimension, masked as in the pass that they come from.
/// - Returns: a scalar from −ln N (even) to 0 (one instance).
func negativeEntropy(_ logits: Tensor) throws -> Tensor {
    let last = logits.shape.count - 1
    let shares = try logits.logSoftmax(dim: last)
    return try (shares.exp() * shares).sum(dim: last).mean()
}

/// The smooth top-1 SVM loss (Berrada, Zisserman and Kumar, ICLR 2018) with margin and temperature 1: the mean over rows of
/// logsumexp_j(x_j + [j ≠ y] − x_y), or its maximum where the two largest x are at least ln 1000 apart.
///
/// - Parameters:
///   - logits: `[R, C]`, C ≥ 2.
///   - targets: a class per row.
func smoothTop1SVM(_ logits: Tensor, _ targets: [Int]) throws -> Tensor {
    let (rows, classes) = (logits.shape[0], logits.shape[1])
    let values = try logits.floats()
    var margins = [Float](repeating: 1, count: values.count)
    var isHard: [Bool] = []
    for (row, target) in targets.enumerated() {
        margins[row * classes + target] = 0
        let largest = values[(row * classes)..<((row + 1) * classes)].sorted().suffix(2)
        isHard.append(zip(largest, largest.dropFirst()).allSatisfy { Double($1 - $0) >= log(1000) })
    }
    let index = try Tensor(int64s: targets.map { Int64($0) }, shape: [rows, 1], on: logits.device)
    let distances =
        try logits + Tensor(margins, shape: [rows, classes], on: logits.device)
        - logits.gather(dim: 1, index)
    let hard = try distances.max(dim: 1, keep: true).values
    let shift = try hard.detach()
    let smooth = try (distances - shift).exp().sum(dim: 1, keep: true).log() + shift
    return try Tensor.where(Tensor(mask: isHard, shape: [rows, 1], on: logits.device), hard, smooth).mean()
}
