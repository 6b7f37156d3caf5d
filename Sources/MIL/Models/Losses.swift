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
