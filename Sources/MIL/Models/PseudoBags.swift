import Records
import Torch

/// A bag's instances dealt out to M pseudo-bags of about one size (DTFD-MIL; Zhang et al., CVPR 2022, section 3.2).
struct PseudoBags {
    /// The instances of each, in the order in which they were dealt.
    let members: [[Int]]
    private let count: Int

    /// - Parameters:
    ///   - order: of all instances: the first pseudo-bag has the first of them, and so on; the first ones have one more where the
    ///     division leaves a rest.
    ///   - bags: M. Of fewer instances than that each is dealt several times, so that no pseudo-bag is empty.
    init(order: [Int], bags: Int) {
        count = order.count
        let (size, rest) = order.count.quotientAndRemainder(dividingBy: bags)
        members = (0..<bags).map { bag in
            guard size > 0 else { return [order[bag % order.count]] }
            let start = bag * size + min(bag, rest)
            return Array(order[start..<(start + size + (bag < rest ? 1 : 0))])
        }
    }

    /// Those of test time, the same for every bag of so many instances: shuffled, since patches lie in the order of their place.
    static func fixed(_ count: Int, bags: Int) -> PseudoBags {
        var random = CounterRandom(seed: 0, "pseudo_bags", count)
        return PseudoBags(order: random.permutation(count), bags: bags)
    }

    /// Where an instance of some that follow each other is not the pseudo-bag's: `[M, n]`.
    func strangers(_ range: Range<Int>, on device: Device) throws -> Tensor {
        var mask = [Bool](repeating: true, count: members.count * range.count)
        for (bag, members) in members.enumerated() {
            for member in members where range.contains(member) {
                mask[bag * range.count + member - range.lowerBound] = false
            }
        }
        return try Tensor(mask: mask, shape: [members.count, range.count], on: device)
    }

    /// Attention logits `[1, n]` of the instances from `start` on → a row for each pseudo-bag, `[M, n]`, whose softmax sees only its
    /// own.
    func rows(_ logits: Tensor, from start: Int = 0) throws -> Tensor {
        let length = logits.shape[1]
        let strangers = try strangers(start..<(start + length), on: logits.device)
        return try logits.expand([members.count, length]).maskedFill(strangers, STKIM.masked)
    }
}
