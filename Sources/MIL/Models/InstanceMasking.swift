import Config
import Foundation
import Records

/// Puts instances in order by their scores.
protocol InstanceRanking {
    /// Positions of the first `count` values, the largest or the smallest first.
    func first(_ count: Int, of values: [Float], largest: Bool) throws -> [Int]
}

/// Of equal values the one that stands first comes first, on every device.
struct StableRanking: InstanceRanking {
    func first(_ count: Int, of values: [Float], largest: Bool) -> [Int] {
        // One integer holds a value, in an order-preserving form, and its position: such sort fast and without ties.
        let keys = values.enumerated().map { position, value in
            let bits = (value + 0).bitPattern
            let ordered = bits & 0x8000_0000 == 0 ? bits | 0x8000_0000 : ~bits
            return UInt64(largest ? ~ordered : ordered) << 32 | UInt64(UInt32(truncatingIfNeeded: position))
        }
        return keys.sorted().prefix(count).map { Int($0 & 0xFFFF_FFFF) }
    }
}

/// Which instances MHIM hides from its student (Tang et al., ICCV 2023, section 3.2): some at random, those with the
/// lowest scores, and some of those with the highest; what is masked is the union.
struct InstanceMasking {
    var random = 0.0
    var low = 0.0
    var high = 0.0
    /// The highest `high / highShare` are drawn from, and this share of them is masked.
    var highShare = 1.0
    var highDecays = false

    init() {}

    init(_ config: MHIMConfig) {
        (random, low, high) = (config.maskRandom, config.maskLow, config.maskHigh)
        (highShare, highDecays) = (config.maskHighShare, config.maskHighDecay)
    }

    /// The share of `random` that a selection from all instances counts as; below it the selection is not from all.
    private static let randomShare = 0.001

    /// `high` at a point of the training. Half a cosine falls to 0 at its end only, so that one instance is always masked.
    func high(at progress: Double) -> Double { highDecays ? high * 0.5 * (1 + cos(.pi * progress)) : high }

    /// Positions the student sees, ascending; where all are masked, the first one stays.
    func kept(
        _ ranks: [[Float]],
        progress: Double,
        _ draws: any Draws,
        by ranking: any InstanceRanking = StableRanking()
    ) throws -> [Int] {
        guard let masked = try unions(ranks, progress: progress, draws, by: ranking).last else {
            return Array(0..<(ranks.first?.count ?? 0))
        }
        let kept = masked.indices.filter { !masked[$0] }
        return kept.isEmpty ? [0] : kept
    }

    /// What is masked after each strategy in force, every one with all before it; `[N]` each.
    ///
    /// - Parameter ranks: scores `[R, N]`; several rows are heads, which vote. A strategy ranks all instances, masked
    ///   already or not.
    func unions(
        _ ranks: [[Float]],
        progress: Double,
        _ draws: any Draws,
        by ranking: any InstanceRanking = StableRanking()
    ) throws -> [[Bool]] {
        var masked = [Bool](repeating: false, count: ranks.first?.count ?? 0)
        var unions: [[Bool]] = []
        let high = high(at: progress)
        for (name, ratio, share, largest) in [
            ("mask.random", random, Self.randomShare, false), ("mask.low", low, 1, false),
            ("mask.high", high, highShare, true),
        ] where ratio > 0 {
            for index in try selection(ranks, largest: largest, ratio, share: share, name, draws, by: ranking) {
                masked[index] = true
            }
            unions.append(masked)
        }
        return unions
    }

    /// Positions of the instances that `high` draws from at the beginning of the training, when it is largest; none where
    /// nothing is masked for its high score.
    func hard(_ ranks: [[Float]], by ranking: any InstanceRanking = StableRanking()) throws -> [Int] {
        guard high > 0, let count = ranks.first?.count else { return [] }
        return try extreme(Self.ceiling(count, min(1, high / highShare)), of: ranks, largest: true, by: ranking)
    }

    /// The extreme `ratio / share` of all instances, and of them a random `share`; both counts are rounded up from the
    /// double-precision product.
    private func selection(
        _ ranks: [[Float]],
        largest: Bool,
        _ ratio: Double,
        share: Double,
        _ name: String,
        _ draws: any Draws,
        by ranking: any InstanceRanking
    ) throws -> [Int] {
        let total = ratio / share
        let (pool, share) = total > 1 ? (1, ratio) : (total, share)
        let count = Self.ceiling(ranks[0].count, pool)
        var chosen = try extreme(count, of: ranks, largest: largest, by: ranking)
        if share < 1 {
            let order = try draws.permutation(name, chosen.count)
            chosen = order.prefix(Self.ceiling(chosen.count, share)).map { chosen[$0] }
        }
        return chosen
    }

    /// Heads vote for their own extremes, and the instances with most votes are chosen: for low scores too.
    private func extreme(
        _ count: Int,
        of ranks: [[Float]],
        largest: Bool,
        by ranking: any InstanceRanking
    ) throws -> [Int] {
        guard ranks.count > 1 else { return try ranking.first(count, of: ranks[0], largest: largest) }
        var votes = [Float](repeating: 0, count: ranks[0].count)
        for head in ranks { for index in try ranking.first(count, of: head, largest: largest) { votes[index] += 1 } }
        return try ranking.first(count, of: votes, largest: true)
    }

    private static func ceiling(_ count: Int, _ share: Double) -> Int {
        min(count, Int((Double(count) * share).rounded(.up)))
    }
}
