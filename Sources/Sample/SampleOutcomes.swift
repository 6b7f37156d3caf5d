import Files
import Foundation
import Records
import Storage

/// `outcomes.csv` of a sample cohort: what else could be asked of its slides, each a function of the foci and of noise that is known.
///
/// - `burden`: the foci's share of the tissue in percent, with a normal error of 0.5.
/// - `time`, `event`: of the case, in days; exponential, its hazard exp(0.35 · burden) / 3000 by the larger burden of the case's
///   slides without the error, censored at a uniform time from 200 to 2,000.
/// - `has_focus`, `large_focus` (more than 5.5 %), `several_foci`: each wrong with a probability of 0.05, and unknown with 0.1.
enum SampleOutcomes {
    private static let columns = [
        "slide_id", "case_id", "label", "burden", "time", "event", "has_focus", "large_focus", "several_foci",
    ]

    static func table(_ plan: CohortPlan, seed: UInt64) -> String {
        let burdens = Dictionary(grouping: plan.slides, by: \.caseID).mapValues { $0.map(\.burden).max() ?? 0 }
        let rows = plan.slides.map { slide in
            var random = CounterRandom(seed: seed, "outcomes", slide.id.text)
            let burden = max(0, slide.burden + 0.5 * random.normal())
            let (time, isEvent) = survival(slide.caseID, burden: burdens[slide.caseID] ?? 0, seed: seed)
            let truths = [slide.isTumour, slide.burden > 5.5, slide.isTumour && slide.tumourFoci > 1]
            return [
                slide.id.text, slide.caseID, CohortPlan.classes[slide.isTumour ? 1 : 0], decimal(burden), decimal(time),
                isEvent ? "1" : "0",
            ] + truths.map { answer($0, &random) }
        }
        return Table.text(header: columns, rows: rows)
    }

    private static func survival(_ caseID: String, burden: Double, seed: UInt64) -> (time: Double, isEvent: Bool) {
        var random = CounterRandom(seed: seed, "survival", caseID)
        let event = -log(1 - random.uniform()) * 3000 / exp(0.35 * burden)
        let end = random.uniform(200, 2000)
        // A day is the least.
        return (max(1, min(event, end)), event <= end)
    }

    private static func answer(_ truth: Bool, _ random: inout CounterRandom) -> String {
        let (isWrong, isUnknown) = (random.uniform() < 0.05, random.uniform() < 0.1)
        return isUnknown ? "" : truth != isWrong ? "yes" : "no"
    }

    private static func decimal(_ value: Double) -> String { String(format: "%.2f", value) }
}

extension SlidePlan {
    /// In percent of the tissue.
    fileprivate var burden: Double { 100 * Double(tumourShare) }
}

extension CounterRandom {
    /// Of mean 0 and variance 1 (Box and Muller, 1958).
    fileprivate mutating func normal() -> Double {
        let (radius, angle) = (1 - uniform(), uniform())
        return (-2 * log(radius)).squareRoot() * cos(2 * .pi * angle)
    }
}
