import Foundation
import Records

/// Whether a bag is stranger than validation bags by any of several measures, with one false-alarm rate for all of them.
///
/// The bag is put among the n validation bags. Each measure's logarithms are centred by the median of all n + 1 and divided by their
/// median deviation from it; a bag is as strange as its largest number says. The share of the n + 1 bags that are as strange is p. Since the bag
/// has no place of its own in this, p is at most α in at most α of bags that are drawn like the validation's, whatever the measures and
/// however many (max-T: Westfall and Young, Resampling-Based Multiple Testing, 1993; full conformal: Vovk, Gammerman and
/// Shafer, Algorithmic Learning in a Random World, 2005). With n below 19 no p is at most 5 %.
enum StrangenessTest {
    struct Result: Equatable {
        /// (1 + k) / (n + 1).
        var p: Double
        /// By measure: whether it alone takes p to the rate or below.
        var isReason: [Bool]
        /// By measure: the validation bags that are as strange by it.
        var asStrange: [Int]
    }

    /// - Parameters:
    ///   - own: one number for each measure, a larger one being stranger; none below 0.
    ///   - validation: as many of each bag.
    static func result(_ own: [Double], among validation: [[Double]], rate: Double = Belonging.alarmRate) -> Result {
        let all = (validation + [own]).map { $0.map { log(max($0, 1e-12)) } }
        let standard = own.indices.map { measure in Self.standardised(all.map { $0[measure] }) }
        let strangeness = all.indices.map { bag in standard.map { $0[bag] }.max() ?? 0 }
        let asStrange = strangeness.dropLast().count { $0 >= (strangeness.last ?? 0) }
        // As many validation bags may be as strange as a flagged one.
        let allowed = Int((rate * Double(all.count) + 1e-9).rounded(.down)) - 1
        let ranked = strangeness.dropLast().sorted(by: >)
        let isReason = standard.map { numbers in
            guard allowed >= 0, let number = numbers.last else { return false }
            return allowed >= ranked.count || number > ranked[allowed]
        }
        return Result(
            p: Double(1 + asStrange) / Double(all.count),
            isReason: isReason,
            asStrange: own.indices.map { measure in validation.count { $0[measure] >= own[measure] } }
        )
    }

    private static func standardised(_ values: [Double]) -> [Double] {
        let middle = median(values)
        let deviation = median(values.map { abs($0 - middle) })
        return values.map { ($0 - middle) / max(deviation, 1e-9) }
    }

    private static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        let half = sorted.count / 2
        guard !sorted.isEmpty else { return 0 }
        return sorted.count % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
    }
}
