import Foundation
import Torch

/// A running mean of the weights that an optimiser moves (Polyak and Juditsky, 1992; as exponential mean in Tarvainen and Valpola,
/// 2017): w̄ ← d·w̄ + (1 − d)·w after every step, d = min(decay, (1 + t) / (10 + t)) at step t, so that first weights are soon forgotten.
final class WeightAverage {
    private let decay: Double
    private let parameters: [Parameter]
    private var means: [String: Tensor]
    /// Steps so far.
    private(set) var count: Int

    /// - Parameter stored: means and steps of a training that goes on; nil: begins as the parameters are.
    init(_ decay: Double, of parameters: [Parameter], stored: (means: [String: Tensor], count: Int)? = nil) throws {
        (self.decay, self.parameters) = (decay, parameters)
        count = stored?.count ?? 0
        means = try stored?.means ?? Self.values(of: parameters)
    }

    private static func values(of parameters: [Parameter]) throws -> [String: Tensor] {
        try withoutGrad {
            Dictionary(uniqueKeysWithValues: try parameters.map { ($0.name, try $0.tensor.clone()) })
        }
    }

    /// Copies, for the file that a killed training goes on from.
    func values() throws -> [String: Tensor] { try means.mapValues { try $0.clone() } }

    /// After a step of the optimiser.
    func add() throws {
        count += 1
        let kept = min(decay, Double(1 + count) / Double(10 + count))
        try withoutGrad {
            for parameter in parameters {
                guard let mean = means[parameter.name] else { continue }
                try mean.scale(by: kept)
                try mean.accumulate(parameter.tensor * (1 - kept))
            }
        }
    }

    /// What `work` gives while the parameters are the means.
    func standingIn<Result>(_ work: () throws -> Result) throws -> Result {
        let trained = try Self.values(of: parameters)
        try assign(means)
        do {
            let result = try work()
            try assign(trained)
            return result
        } catch {
            try assign(trained)
            throw error
        }
    }

    private func assign(_ values: [String: Tensor]) throws {
        try withoutGrad {
            for parameter in parameters { try values[parameter.name].map { try parameter.tensor.assign($0) } }
        }
    }
}
