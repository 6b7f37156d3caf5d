import ArgumentParser
import Files
import Foundation
import Pipeline
import Records

/// A line of stderr with `--log-json`, as docs/errors.md has it.
struct LogLine: Codable, Equatable {
    enum Level: String, Codable { case info, warning, error }

    /// How far a stage is.
    struct Progress: Codable, Equatable {
        /// Units that have ended, of all that the stage has.
        var done: Int
        var total: Int
        /// Units a second since the stage began; nil before the first.
        var rate: Double?
        /// Seconds that are left; nil where that is not known.
        var eta: Double?
    }

    /// UTC, ISO 8601.
    var time: String
    var level: Level
    /// `tile`, `encoder check`; empty where no command was called.
    var command: String
    var stage: String?
    var slide: String?
    var fold: String?
    /// Of an error.
    var code: ErrorCode?
    /// What else the error is about: a file, a key, a flag.
    var subject: String?
    var message: String
    var progress: Progress?

    init(_ level: Level, _ message: String, stage: String? = nil, progress: Progress? = nil) {
        (self.level, self.stage, self.progress) = (level, stage.flatMap { $0.isEmpty ? nil : $0 }, progress)
        time = Date().ISO8601Format(.init(includingFractionalSeconds: true))
        command = Invocation.name
        // A terminal may show a log.
        self.message = ShownText.line(message.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    private static let warning = "warning: "

    init(note text: String, stage: String?) {
        let isWarning = text.contains(Self.warning)
        self.init(isWarning ? .warning : .info, text.replacing(Self.warning, with: ""), stage: stage)
    }

    /// - Parameter unit: the slide or the fold that the error is of.
    init(_ failure: Failure, stage: String? = nil, unit: String? = nil) {
        self.init(.error, failure.message, stage: stage)
        code = failure.code
        guard let unit, let id = try? UnitID(unit) else {
            subject = failure.subject
            return
        }
        if id.fold == nil { slide = unit } else { fold = unit }
        if failure.subject != unit { subject = failure.subject }
    }

    /// Without its end.
    var text: String { (try? CanonicalJSON.line(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}" }
}

extension LogLine.Progress {
    /// - Parameter seconds: since the stage began.
    init(_ progress: StageProgress, after seconds: Double) {
        (done, total) = (progress.done, progress.units)
        let fresh = progress.done - progress.cached
        if fresh > 0, seconds > 0 { rate = Double(fresh) / seconds }
        if let left = progress.left, left < 1 { eta = seconds * left / (1 - left) }
    }
}

/// `--log-json`.
struct LogOption: ParsableArguments {
    static let flag = "--log-json"

    @Flag(help: "Every line on stderr is one JSON object (docs/errors.md); stdout is as it is.")
    var logJson = false
}
