import Records
import Torch

/// All randomness of a model enters here (docs/decisions/012): drawn from a counter, or replayed from a record.
///
/// `name` says what a draw is for; within one step no name is used twice.
public protocol Draws {
    /// Numbers in [0, 1), row-major over `shape`.
    func uniform(_ name: String, _ shape: [Int]) throws -> [Float]

    /// A random order of 0..<count.
    func permutation(_ name: String, _ count: Int) throws -> [Int]

    /// The key of a stream of random bits, for draws that are made where they are used.
    func key(_ name: String) throws -> UInt64
}

/// Draws that are a pure function of seed, fold, epoch, step and name: any of them can be repeated alone.
public struct CounterDraws: Draws, Sendable {
    private let seed: UInt64
    private let scope: String

    /// For one training step. Epochs and steps count from 0.
    public init(seed: UInt64, fold: Int, epoch: Int, step: Int) {
        self.seed = seed
        scope = "fold \(fold) epoch \(epoch) step \(step)"
    }

    /// For the order of the bags in an epoch.
    public init(seed: UInt64, fold: Int, epoch: Int) {
        self.seed = seed
        scope = "fold \(fold) epoch \(epoch)"
    }

    /// For the first values of a fold's parameters.
    public init(seed: UInt64, fold: Int) {
        self.seed = seed
        scope = "fold \(fold) initial"
    }

    public func uniform(_ name: String, _ shape: [Int]) -> [Float] {
        var random = CounterRandom(seed: seed, scope, name)
        // 24 bits fill a Float's significand, so that rounding never gives 1.
        return (0..<shape.reduce(1, *)).map { _ in Float(random.next() >> 40) * 0x1p-24 }
    }

    public func permutation(_ name: String, _ count: Int) -> [Int] {
        var random = CounterRandom(seed: seed, scope, name)
        return random.permutation(count)
    }

    public func key(_ name: String) -> UInt64 {
        var random = CounterRandom(seed: seed, scope, name)
        return random.next()
    }
}

extension Draws {
    /// The elements of a dropout that is made under `name`; nil where nothing is to be dropped.
    func dropout(_ share: Double, _ name: String) throws -> Dropout? {
        share > 0 ? Dropout(share: share, key: try key(name)) : nil
    }
}

extension Tensor {
    /// Sets a share of the elements to 0 and scales the rest, so that the mean stays (Srivastava et al., 2014).
    func dropout(_ share: Double, _ name: String, _ draws: any Draws) throws -> Tensor {
        guard let dropout = try draws.dropout(share, name) else { return self }
        return try self.dropout(dropout)
    }
}
