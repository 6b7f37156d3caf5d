import Evaluation
import Foundation
import Records
import ReviewPage

/// Agreement of readers as people read it.
struct AgreementText {
    private let report: AgreementReport
    /// Why figures are not defined or say too little; a figure has its number here, from 1.
    private let remarks: [String]

    init(_ report: AgreementReport) {
        self.report = report
        let comparisons =
            report.between.flatMap { [$0.all] + $0.pairs }
            + report.models.flatMap { [$0.before, $0.after].compactMap(\.self) }
        remarks = comparisons.flatMap { [$0.raw, $0.kappa] }.compactMap(\.reason).reduce(into: []) { remarks, reason in
            if !remarks.contains(reason) { remarks.append(reason) }
        }
    }

    var text: String {
        let parts = [head] + report.between.map(between) + [tables, models, numbered, disputes, report.notes]
        return parts.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
    }

    private var interval: String { "\(EvaluationText.percent(report.confidence)) interval" }

    private var head: [String] {
        guard !report.readers.isEmpty else { return [] }
        var table = TextTable()
        table.add("readers", "slides")
        for reader in report.readers { table.add("  \(reader.name)", "\(reader.slides)") }
        return [
            "\(report.readers.count) reader(s), \(report.slides) slides, \(report.cases) cases; intervals from "
                + "\(report.resamples) resamples of cases"
        ] + table.lines
    }

    private func between(_ between: AgreementReport.Between) -> [String] {
        var table = TextTable()
        let which = between.opinions == .latest ? "latest opinions" : "first opinions, blinded"
        table.add(which, "slides", "agreement", interval, "κ", interval)
        for one in [between.all] + between.pairs {
            let isPair = one.coefficient == .cohen
            let who = isPair ? one.raters.joined(separator: " and ") : "all \(one.raters.count)"
            table.add(row("  \(who) (\(isPair ? "Cohen" : "Fleiss"))", one))
        }
        return table.lines
    }

    /// What two readers said of the same slides, where there are no more than two.
    private var tables: [String] {
        guard let all = report.between.first?.all, let counts = all.table, all.slides > 0 else { return [] }
        var table = TextTable()
        table.add(["latest, \(all.raters[0])"] + all.categories.map { "\(all.raters[1]): \($0)" })
        for (name, row) in zip(all.categories, counts) { table.add(["  \(name)"] + row.map(String.init)) }
        return table.lines
    }

    private var models: [String] {
        guard !report.models.isEmpty else { return [] }
        var table = TextTable()
        table.add("reader and model (Cohen)", "slides", "agreement", interval, "κ", interval)
        var changes: [String] = []
        for one in report.models {
            let who = "\(one.reader) and \(one.model)"
            if let before = one.before { table.add(row("  \(who), before", before)) }
            if let after = one.after { table.add(row("  \(who), after", after)) }
            guard let change = one.change else { continue }
            changes.append(
                "\(who): of \(change.slides) slides read before and after, opinions changed to the model's class on "
                    + "\(change.toModel), from it on \(change.fromModel), otherwise on \(change.otherwise)"
            )
        }
        let words = "before: the reader's first opinion, blinded; after: the last one with the model's result in sight"
        return table.lines + [words] + changes
    }

    private var numbered: [String] { remarks.enumerated().map { "(\($0.offset + 1)) \($0.element)" } }

    private var disputes: [String] {
        let since = report.adjudicated > 0 ? "; \(report.adjudicated) adjudicated" : ""
        guard !report.toAdjudicate.isEmpty else {
            return report.readers.count > 1 ? ["to adjudicate: none\(since)"] : []
        }
        var table = TextTable()
        for one in report.toAdjudicate {
            table.add(["  \(one.slide.text)"] + one.opinions.map { "\($0.reader): \($0.said)" })
        }
        return ["to adjudicate: \(report.toAdjudicate.count) slide(s)\(since)"] + table.lines
    }

    private func row(_ name: String, _ one: AgreementComparison) -> [String] {
        [name, "\(one.slides)"] + cells(one.raw) + cells(one.kappa)
    }

    private func cells(_ figure: Estimate) -> [String] {
        let mark = figure.reason.flatMap(remarks.firstIndex).map { " (\($0 + 1))" } ?? ""
        guard let value = figure.value else { return ["not defined\(mark)", "–"] }
        return [EvaluationText.number(value), (EvaluationText.interval(figure.interval) ?? "–") + mark]
    }
}
