import Files
import Records

/// What the findings about a cohort mean, in sentences for the console and the page.
public struct CohortWords {
    private let report: CohortReport

    public init(_ report: CohortReport) { self.report = report }

    /// The verdict, a line for each thing that is named.
    public var verdict: [String] {
        var lines: [String] = []
        for column in report.columns where column.verdict == .shortcut {
            let how =
                column.isInseparable
                ? "features tell it, and it goes with the label so closely that the two cannot be told apart"
                : "features tell it within classes too, and it goes with the label"
            lines.append("shortcut risk: \(column.name): \(how)")
        }
        for leak in report.leaks where leak.isTold {
            lines.append("label leak: \(leak.title) alone tells the label")
        }
        if lines.isEmpty {
            let isTested = report.columns.contains { $0.features != nil } || report.leaks.contains { $0.test != nil }
            lines.append(isTested ? "no shortcut was found" : "nothing could be tested")
        }
        let leaking = report.leakingPairs
        if leaking > 0 {
            lines.append("\(leaking) pair(s) of slides that are (nearly) the same stand in different parts of a fold")
        }
        for figures in report.subgroups {
            guard let worst = figures.worst else { continue }
            lines.append(
                "worst group of \(figures.training): \(worst.column) \(worst.name), \(figures.title) "
                    + "\(Self.estimate(worst.figure)) against \(Self.estimate(figures.all)) of all"
                    + (worst.isWorse
                        ? "; it is worse than the others" : "; no worse than the others, as far as it shows")
            )
        }
        return lines
    }

    static let columnHead = [
        "column", "slides", "features tell it", "by chance", "p", "within classes", "p", "goes with label", "p",
        "verdict",
    ]

    /// A row for each column; numbers of p are those after Holm.
    var columns: [[String]] {
        report.columns.map { column in
            [column.name, "\(column.slides)"] + Self.cells(column.features, withChance: true)
                + Self.cells(column.within, withChance: false) + Self.cells(column.label, withChance: false)
                + [Self.words(column)]
        }
    }

    var leakHead: [String] {
        let isNumber = report.leaks.contains(where: \.isNumber)
        let figure = isNumber ? "rank correlation with the label" : "AUC of the label"
        return ["number", "slides", figure, "by chance", "p", "verdict"]
    }

    var leaks: [[String]] {
        report.leaks.map { leak in
            [leak.title, "\(leak.slides)"] + Self.cells(leak.test, withChance: true)
                + [leak.test == nil ? leak.reason ?? "–" : leak.isTold ? "tells the label" : "–"]
        }
    }

    static let pairHead = ["slide", "other slide", "cases", "distance", "in different parts of folds"]

    var pairs: [[String]] {
        report.duplicates.map { pair in
            [
                pair.slides.first?.text ?? "", pair.slides.last?.text ?? "", pair.cases.joined(separator: ", "),
                pair.isExact ? "the same" : HTML.number(pair.distance),
                pair.folds.isEmpty ? "–" : pair.folds.map { "\($0)" }.joined(separator: ", "),
            ]
        }
    }

    /// The tables as lines of texts, for the console.
    public var tables: [(head: [String], rows: [[String]])] {
        [(Self.columnHead, columns), (leakHead, leaks), (Self.pairHead, pairs)].filter { !$0.1.isEmpty }
    }

    private static func words(_ column: ColumnFinding) -> String {
        switch column.verdict {
        case .shortcut: "shortcut risk"
        case .throughLabel:
            column.within == nil
                ? column.reason ?? "not tested within classes" : "through the label, as far as it shows"
        case .visible: "features tell it"
        case .unseen: column.features == nil ? column.reason ?? "–" : "–"
        }
    }

    private static func cells(_ test: PermutationTest?, withChance: Bool) -> [String] {
        guard let test else { return withChance ? ["–", "–", "–"] : ["–", "–"] }
        let chance = withChance ? ["\(HTML.number(test.nullMean)) (to \(HTML.number(test.nullHigh)))"] : []
        return [HTML.number(test.value)] + chance + [HTML.number(test.adjusted ?? test.p)]
    }

    /// What there is to say of a group.
    public static func mark(_ group: SubgroupFigures.Group, _ figures: SubgroupFigures) -> String {
        let words = [group == figures.worst ? "worst" : nil, group.isWorse ? "worse than the others" : nil]
        return words.compactMap { $0 }.joined(separator: ", ")
    }

    public static func estimate(_ estimate: Estimate) -> String {
        let interval = estimate.interval.map { " (\(HTML.number($0.first)) to \(HTML.number($0.last)))" } ?? ""
        return HTML.number(estimate.value) + interval
    }
}
