import Foundation
import Records
import Torch

/// A model that MHIM can make teacher and student of; alone it is the plain model that training may begin with.
protocol MHIMHost: ClassAware {
    associatedtype Pass: HostPass

    var embedding: InstanceEmbedding { get }

    /// Embedded tokens `[n, D]` → the bag; with draws it drops as in training.
    func encode(_ tokens: Tensor, _ draws: (any Draws)?) throws -> Pass

    /// - Parameter byClass: whether an instance counts by the classes that it alone speaks for, else by the attention that
    ///   it gets.
    func score(_ pass: Pass, byClass: Bool, _ draws: (any Draws)?) throws -> InstanceScore
}

/// What a host makes of a bag.
protocol HostPass {
    /// The bag's representation, which student and teacher are to share: `[1, D]`, or a row per class.
    var bag: Tensor { get }
    /// `[1, C]`, of which the prediction is made.
    var logits: Tensor { get throws }

    func classLoss(target: Aim) throws -> Tensor
}

extension HostPass {
    func classLoss(target: Aim) throws -> Tensor { try bagLoss(logits, target) }
}

extension MHIMHost {
    func trainingLoss(_ features: Tensor, target: Aim, _ step: TrainingStep) throws -> TrainingLoss {
        let bag = try encode(embedding(features, step.draws), step.draws).classLoss(target: target)
        return TrainingLoss(total: bag, terms: [("bag", bag)])
    }
}

/// What a teacher thinks of every instance.
enum InstanceScore {
    /// `[R, N]`; several rows are heads.
    case rows(Tensor)
    /// Class logits `[N, C]` of every instance alone; the score is the largest probability.
    case classes(Tensor)
    /// Outputs `[N, C]` of every instance alone where no class is asked; the score is the largest.
    case outputs(Tensor)

    /// As published: `[R, N]`, of classes `[1, N]` from 1/C to 1.
    func values() throws -> Tensor {
        switch self {
        case .rows(let rows): rows
        case .classes(let logits): try logits.softmax(dim: 1).max(dim: 1).values.unsqueeze(0)
        case .outputs(let outputs): try outputs.max(dim: 1).values.unsqueeze(0)
        }
    }

    /// Numbers in the same order as the values.
    ///
    /// An instance has a share of about 1/N in the logits, so in fp32 the probabilities of thousands are equal. They are
    /// 1 / (C + Σ expm1(u_c − u_max)) over all classes but the largest; that sum keeps the order and all digits.
    func ranks() throws -> [[Float]] {
        switch self {
        case .rows(let rows):
            let (values, count) = (try rows.floats(), rows.shape[1])
            return stride(from: 0, to: values.count, by: count).map { Array(values[$0..<($0 + count)]) }
        case .outputs(let outputs): return [try outputs.max(dim: 1).values.floats()]
        case .classes(let logits):
            let (values, classes) = (try logits.floats(), logits.shape[1])
            return [
                stride(from: 0, to: values.count, by: classes).map { start in
                    let row = values[start..<(start + classes)]
                    let largest = Double(row.max() ?? 0)
                    return Float(-row.reduce(0.0) { $0 + expm1(Double($1) - largest) })
                }
            ]
        }
    }
}
