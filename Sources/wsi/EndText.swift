import Evaluation
import Foundation
import Pipeline
import Records

/// The last lines of a command that has trained a model: how good it is, where that is told, and what to do next.
enum EndText {
    static func of(_ training: TrainingEnd, next: [String]) -> String {
        let number = EvaluationText.number
        let interval = EvaluationText.interval(training.interval)
            .map { " (\(EvaluationText.percent(training.confidence)) interval \($0))" }
        let value = training.value.map { "\(number($0))\(interval ?? "")" } ?? "not defined"
        let seeds = training.seeds > 1 ? ", mean of \(training.seeds) seeds" : ""
        let target = training.target.map { ", target \($0)" } ?? ""
        let note = training.note.map { "note    \($0)\n" } ?? ""
        return """
            result  \(training.name)\(target): \(training.metric.title) \(value) by \(training.unit.rawValue), \(training.folds) fold(s)\(seeds)
            \(note)report  \(path(training.report))
            next    \(next.map(ShellWord.quoted).joined(separator: " "))
            """
    }

    /// As short as it can be from here.
    static func path(_ url: URL) -> String {
        let here = FileManager.default.currentDirectoryPath + "/"
        return url.path.hasPrefix(here) ? String(url.path.dropFirst(here.count)) : url.path
    }
}
