import Evaluation
import Files
import Foundation
import Pipeline
import Records

/// What `wsi cohort` prints for people.
enum CohortText {
    static func text(_ report: CohortReport) -> String {
        let words = CohortWords(report)
        var lines = ["slides (cases): \(report.slides) (\(report.cases)); \(report.width) features"]
        if let label = report.label {
            lines.append(
                "features tell the label: \(HTML.number(label.value)), by chance to \(HTML.number(label.nullHigh))"
            )
        }
        for (head, rows) in words.tables {
            var table = TextTable()
            table.add(head)
            for row in rows { table.add(row.map { ShownText.line($0, limit: 60) }) }
            lines += [""] + table.lines
        }
        for figures in report.subgroups {
            var table = TextTable()
            table.add(
                "group of \(ShownText.line(figures.training))",
                "slides",
                "cases",
                figures.title,
                "95 %",
                "less others",
                ""
            )
            for group in figures.groups {
                let interval = group.figure.interval.map { $0.map { HTML.number($0) }.joined(separator: " to ") } ?? "–"
                table.add(
                    ShownText.line("\(group.column) \(group.name)", limit: 60),
                    "\(group.slides)",
                    "\(group.cases)",
                    HTML.number(group.figure.value),
                    interval,
                    CohortWords.estimate(group.difference),
                    CohortWords.mark(group, figures)
                )
            }
            lines += [""] + table.lines
        }
        let skipped = report.skipped.map { "note: column \(ShownText.line($0.name)) is not looked at: \($0.reason)" }
        lines +=
            [""] + report.notes.map { "note: \($0)" } + skipped + words.verdict.map { ShownText.line($0, limit: 300) }
        return lines.joined(separator: "\n")
    }

    static func text(_ found: SimilarPatches) -> String {
        var table = TextTable()
        table.add("", "slide:row", "x", "y", "distance")
        for (place, patch) in found.nearest.enumerated() {
            table.add(
                "\(place + 1)",
                "\(patch.slide):\(patch.row)",
                patch.x.map { "\($0)" } ?? "–",
                patch.y.map { "\($0)" } ?? "–",
                HTML.number(patch.distance, digits: 4)
            )
        }
        let head =
            "nearest to \(found.slide):\(found.row) of \(Throughput.grouped(found.compared)) patches, \(found.measure)"
        return ([head] + table.lines).joined(separator: "\n")
    }

    /// - Parameter config: as it was given.
    static func text(_ leaveOut: LeaveOut, config: String, job: String) -> String {
        var table = TextTable()
        table.add("fold", ShownText.line(leaveOut.column), "train", "validation", "test")
        for fold in leaveOut.folds {
            table.add(
                "\(fold.fold)",
                ShownText.line(fold.group, limit: 60),
                "\(fold.train)",
                "\(fold.validation)",
                "\(fold.test)"
            )
        }
        let splits = String(decoding: (try? JSONEncoder().encode(leaveOut.splits)) ?? Data(), as: UTF8.self)
            .replacing("\\/", with: "/")
        let notes = leaveOut.notes.map { "note: \(ShownText.line($0, limit: 300))" }
        let command = "wsi train --config \(ShellWord.quoted(config)) --out \(ShellWord.quoted(job))"
        return
            (table.lines + notes + [
                "", "in the section cohort of \(config), in place of folds, and with another name of the training:",
                "  \"splits\": \(splits)", "then: \(command)",
            ]).joined(separator: "\n")
    }
}
