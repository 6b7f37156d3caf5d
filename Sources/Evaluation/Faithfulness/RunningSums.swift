import Foundation

/// A bag whose outputs can be told for any part of its patches.
public protocol ScoredBag {
    /// Patches.
    var count: Int { get }

    /// - Parameter patches: places, at least one.
    func outputs(keeping patches: [Int]) throws -> [Double]

    /// The outputs of what is left before each group leaves.
    func outputs(_ removal: Removal) throws -> [[Double]]

    /// The outputs of the first patch of an order, of the first two and so on to all; nil where each costs a pass of its own.
    func fronts(of order: [Int]) -> AnyIterator<[Double]>?
}

extension ScoredBag {
    public func outputs(_ removal: Removal) throws -> [[Double]] { try removal.kept.map(outputs(keeping:)) }

    public func fronts(of order: [Int]) -> AnyIterator<[Double]>? { nil }

    /// The fewest patches from an order's front that alone satisfy a condition; nil where not even all of them do.
    ///
    /// Where every front costs a pass it is sought by halves: a number at which it holds and with one patch less does not, which may not
    /// be the smallest.
    func fewest(of order: [Int], where holds: ([Double]) throws -> Bool) throws -> Int? {
        if let fronts = fronts(of: order) {
            var patches = 0
            for outputs in fronts {
                patches += 1
                if try holds(outputs) { return patches }
            }
            return nil
        }
        guard try holds(outputs(keeping: order)) else { return nil }
        var (below, enough) = (0, order.count)
        while enough - below > 1 {
            let middle = (below + enough) / 2
            if try holds(outputs(keeping: Array(order.prefix(middle)))) { enough = middle } else { below = middle }
        }
        return enough
    }
}

/// A bag as a model with attention pooling sees it: of each patch attention before the softmax and what a linear classifier makes of it
/// alone. Outputs of any part of the bag follow from sums over that part, exactly, without a further pass.
public struct RunningSums: ScoredBag, Sendable {
    /// Which attention an output is pooled by.
    public enum Heads: Equatable, Sendable {
        /// The mean of all.
        case mean
        /// By the place of each output the place of its own.
        case own([Int])
    }

    public let count: Int
    private let heads: Int
    private let bias: [Double]
    private let pooling: Heads
    /// exp(a − max a) of each patch, all heads of a patch together.
    private let weights: [Double]
    /// Before the exponential.
    private let logits: [Double]
    /// Of each patch, all outputs together.
    private let scores: [Double]

    /// - Parameters:
    ///   - attention: `[K, N]` before the softmax over patches, row by row; all 0 where every patch counts alike.
    ///   - scores: `[O, N]`, row by row, without the bias.
    ///   - bias: `[O]`.
    public init(attention: [Float], scores: [Float], bias: [Float], pooling: Heads = .mean) {
        let (outputs, heads) = (bias.count, attention.count * bias.count / max(1, scores.count))
        let count = scores.count / max(1, outputs)
        func byPatch(_ rows: [Float], _ kinds: Int) -> [Double] {
            (0..<count).flatMap { patch in (0..<kinds).map { Double(rows[$0 * count + patch]) } }
        }
        let logits = byPatch(attention, heads)
        let highest = (0..<heads).map { attention[$0 * count..<($0 + 1) * count].max().map { Double($0) } ?? 0 }
        weights = logits.indices.map { exp(logits[$0] - highest[$0 % heads]) }
        (self.logits, self.scores) = (logits, byPatch(scores, outputs))
        (self.count, self.heads, self.pooling) = (count, heads, pooling)
        self.bias = bias.map { Double($0) }
    }

    private init(_ bag: RunningSums, heads places: [Int]) {
        func chosen(_ values: [Double]) -> [Double] {
            (0..<bag.count).flatMap { patch in places.map { values[patch * bag.heads + $0] } }
        }
        (count, bias, pooling, scores) = (bag.count, bag.bias, bag.pooling, bag.scores)
        (weights, logits, heads) = (chosen(bag.weights), chosen(bag.logits), places.count)
    }

    /// How many heads are averaged; 0 where each output has its own.
    public var averaged: Int { pooling == .mean ? heads : 0 }

    /// The same without one of several heads that are averaged.
    public func masking(_ head: Int) -> RunningSums { RunningSums(self, heads: (0..<heads).filter { $0 != head }) }

    /// Mean attention of each patch over all heads; it sums to 1.
    public var map: [Double] {
        var sums = [Double](repeating: 0, count: heads)
        for place in weights.indices { sums[place % heads] += weights[place] }
        return (0..<count).map { patch in
            (0..<heads).reduce(0) { $0 + weights[patch * heads + $1] / sums[$1] } / Double(heads)
        }
    }

    public func outputs(keeping patches: [Int]) -> [Double] {
        var sums = Sums(self)
        sums.add(patches, of: self)
        return sums.outputs(of: self) ?? shifted(patches)
    }

    public func outputs(_ removal: Removal) -> [[Double]] {
        var (sums, told, left) = (Sums(self), [[Double]](), [Int]())
        for group in removal.groups.reversed() {
            sums.add(group, of: self)
            left += group
            told.append(sums.outputs(of: self) ?? shifted(left))
        }
        return told.reversed()
    }

    public func fronts(of order: [Int]) -> AnyIterator<[Double]>? {
        var (sums, taken) = (Sums(self), 0)
        return AnyIterator {
            guard taken < order.count else { return nil }
            sums.add([order[taken]], of: self)
            taken += 1
            return sums.outputs(of: self) ?? shifted(Array(order[..<taken]))
        }
    }

    /// Where the weights of all that are left have vanished beside the highest of the bag: from these logits alone.
    private func shifted(_ patches: [Int]) -> [Double] {
        let highest = (0..<heads).map { head in patches.map { logits[$0 * heads + head] }.max() ?? 0 }
        var sums = Sums(self)
        for patch in patches {
            sums.add(patch, of: self) { exp(logits[patch * heads + $0] - highest[$0]) }
        }
        return sums.outputs(of: self) ?? bias
    }

    /// Sums over patches of attention, and of attention times what each output makes of them.
    private struct Sums {
        var attention: [Double]
        /// `[K, O]`
        var products: [Double]
        private let outputs: Int

        init(_ bag: RunningSums) {
            outputs = bag.bias.count
            attention = Array(repeating: 0, count: bag.heads)
            products = Array(repeating: 0, count: bag.heads * outputs)
        }

        mutating func add(_ patches: [Int], of bag: RunningSums) {
            for patch in patches { add(patch, of: bag) { bag.weights[patch * bag.heads + $0] } }
        }

        mutating func add(_ patch: Int, of bag: RunningSums, _ weight: (Int) -> Double) {
            for head in attention.indices {
                let weight = weight(head)
                attention[head] += weight
                for output in 0..<outputs {
                    products[head * outputs + output] += weight * bag.scores[patch * outputs + output]
                }
            }
        }

        /// nil where a sum of attention is too small to be divided by.
        func outputs(of bag: RunningSums) -> [Double]? {
            guard attention.allSatisfy({ $0 > 1e-280 }) else { return nil }
            return (0..<outputs).map { output in
                func pooled(_ head: Int) -> Double { products[head * outputs + output] / attention[head] }
                return switch bag.pooling {
                case .own(let places): pooled(places[output]) + bag.bias[output]
                case .mean:
                    attention.indices.reduce(0) { $0 + pooled($1) } / Double(attention.count) + bag.bias[output]
                }
            }
        }
    }
}
