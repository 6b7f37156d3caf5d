import ArgumentParser
import Files
import Foundation
import Pipeline
import Records
import Storage

struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show how far a job is, what failed and why.",
        discussion: """
            Per stage: slides with a result, empty and failed ones with the reason, results that are stale because a file is
            gone or has another size or an earlier stage has changed since, notes on results that stand, slides that wait,
            whether a run is going on or was interrupted, and how fast the last one was. Slides and, without --digests, the content of files are not read, so
            that it is quick. The exit code is 0 also where slides have failed.

            Examples:
              wsi status study
              wsi status study --json
              wsi status study --digests
            """.reflowed
    )

    @OptionGroup var job: JobArgument

    @Flag(help: "Print JSON.")
    var json = false

    @Flag(help: "Compare the content of results too, by their quick digests.")
    var digests = false

    @OptionGroup var log: LogOption

    func run() throws {
        let basis = JobStatus.Basis()
        let status = try JobStatus(of: job.layout(), digests: digests, basis: basis)
        for note in [status.leftOut, status.openSlides] { if let note { Console.note(note) } }
        try json ? Console.result(CanonicalJSON.data(status)) : Console.result(Self.text(status))
        withExtendedLifetime(basis) { Ending.leave(.ok) }
    }

    static func text(_ status: JobStatus) -> String {
        guard !status.stages.isEmpty else { return "nothing has been done here" }
        let heads = ["done", "empty", "failed", "stale", "waiting"]
        let width = max(5, status.stages.map(\.name.count).max() ?? 0)
        func row(_ name: String, _ cells: [String]) -> String {
            name.padding(toLength: width, withPad: " ", startingAt: 0)
                + cells.map { String(repeating: " ", count: max(1, 9 - $0.count)) + $0 }.joined()
        }
        let lines = status.stages.flatMap { stage -> [String] in
            let counts = [stage.ok, stage.empty, stage.failed, stage.stale.count, stage.waiting]
            var lines = [row(stage.name, counts.map(String.init))]
            lines += stage.reasons.map { line($0, of: stage) }
            lines += stage.empties.map { "  \($0.text)" }
            lines += stage.notes.map { "  note, \(shown($0.slides)): \($0.message)" }
            lines += stage.staleReasons.map { "  stale, \(shown($0.slides)): \($0.message)" }
            lines = lines.map { ShownText.line($0) }
            if let run = stage.lastRun { lines.append("  " + line(run, stage)) }
            return lines
        }
        return ([row("stage", heads)] + lines).joined(separator: "\n")
    }

    private static func line(_ reason: JobStatus.Reason, of stage: JobStatus.Stage) -> String {
        let command = String(stage.name.prefix { $0.isLetter })
        return
            "  \(reason.code.rawValue), \(shown(reason.slides)): \(Invocation.advised(reason.message, from: command))"
    }

    private static func shown(_ slides: [SlideID]) -> String {
        "\(slides.count) (\(slides.prefix(5).map(\.text).joined(separator: ", "))\(slides.count > 5 ? ", …" : ""))"
    }

    private static func line(_ run: JobStatus.Run, _ stage: JobStatus.Stage) -> String {
        let who = "process \(run.process) on \(run.host)"
        return switch stage.activity {
        case .running: "running since \(run.began): \(who), \(run.workers) worker(s)"
        case .interrupted: "interrupted: begun \(run.began), \(who); the same command goes on"
        case .elsewhere: "begun \(run.began) and not ended: \(who), of which nothing is known here"
        case .idle:
            "last run \(run.began): \(run.throughput?.text(of: StageReport(stage: StageName(stage.name)).noun) ?? "")"
        }
    }
}
