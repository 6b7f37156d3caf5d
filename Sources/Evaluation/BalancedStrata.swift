/// Strata that folds are dealt from, so that each gets its share of what is asked: of events at all times, of numbers of all sizes,
/// of the labels that occur together.
///
/// Every stratum has at least as many members as there are folds, or `note` says which has not.
struct BalancedStrata: Equatable, Sendable {
    /// Of each row (a slide, or a case where cases are split), from 0.
    let strata: [Int]
    /// What to tell of a stratum that not every fold can get a member of.
    let note: String?

    /// By whether the event was observed, and among each of both by quantiles of time.
    /// - Parameters:
    ///   - quantiles: at most so many of each.
    ///   - folds: at least 1.
    static func survival(times: [Double], events: [Bool], quantiles: Int = 4, folds: Int) -> BalancedStrata {
        var strata = [Int](repeating: 0, count: times.count)
        var (begin, notes) = (0, [String]())
        for (event, name) in [(true, "with the event"), (false, "without the event")] {
            let rows = times.indices.filter { events[$0] == event }
            guard !rows.isEmpty else { continue }
            let own = cut(rows.map { times[$0] }, quantiles, folds)
            for (row, stratum) in zip(rows, own) { strata[row] = begin + stratum }
            begin += (own.max() ?? 0) + 1
            // Few events are spread best where they stand alone.
            if rows.count < folds { notes.append("\(rows.count) \(name)") }
        }
        return BalancedStrata(strata: strata, note: note(notes, folds))
    }

    /// By quantiles of the value; equal values are in one stratum.
    static func numbers(_ values: [Double], quantiles: Int = 4, folds: Int) -> BalancedStrata {
        let few = !values.isEmpty && values.count < folds ? ["\(values.count)"] : []
        return BalancedStrata(strata: cut(values, quantiles, folds), note: note(few, folds))
    }

    /// By which labels are present, absent and not known: the commonest of these sets are a stratum each, all rarer ones are one.
    /// - Parameter sets: at most so many strata of one set.
    static func labels(_ labels: [[Bool?]], sets: Int = 16, folds: Int) -> BalancedStrata {
        // The first row of a set decides between sets as common.
        let known = Dictionary(grouping: labels.indices) { labels[$0] }.values
            .sorted { (-$0.count, $0[0]) < (-$1.count, $1[0]) }
        let common = known.prefix(sets).prefix { $0.count >= folds }
        let rest = known.dropFirst(common.count).flatMap { $0 }
        var strata = [Int](repeating: common.count, count: labels.count)
        for (stratum, rows) in common.enumerated() { for row in rows { strata[row] = stratum } }
        let few = rest.isEmpty || rest.count >= folds ? [] : ["\(rest.count) with rare labels"]
        return BalancedStrata(strata: strata, note: note(few, folds))
    }

    private static func note(_ few: [String], _ folds: Int) -> String? {
        few.isEmpty ? nil : "\(few.joined(separator: " and ")) for \(folds) folds: some folds get none"
    }

    /// Runs of about equal size of the values in order, from 0. What ties make too small is joined with the run before it, the
    /// first with the one after it.
    private static func cut(_ values: [Double], _ quantiles: Int, _ folds: Int) -> [Int] {
        let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
        let count = max(1, min(quantiles, values.count / max(1, folds)))
        var runs: [[Int]] = []
        var (first, last) = (0, -1)
        for (place, row) in order.enumerated() {
            if place == 0 || values[row] != values[order[place - 1]] { first = place }
            let run = first * count / values.count
            if run != last { runs.append([]) }
            last = run
            runs[runs.count - 1].append(row)
        }
        var joined: [[Int]] = []
        for run in runs {
            if let before = joined.last, before.count < folds || run.count < folds {
                joined[joined.count - 1] = before + run
            } else {
                joined.append(run)
            }
        }
        var strata = [Int](repeating: 0, count: values.count)
        for (stratum, rows) in joined.enumerated() { for row in rows { strata[row] = stratum } }
        return strata
    }
}
