import ArgumentParser
import Files
import Foundation
import Pipeline
import Records
import Storage

struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look at a study's labels, splits and features before any work.",
        discussion: """
            Says everything that is wrong in one pass, each with its file and line: labels that differ only in case or
            blanks or are nearly a class, classes with fewer cases than folds, a case on both sides of a split, features
            of differing width or with NaN. Says which class is the positive one and why, and how many slides are left
            out: unlabelled ones (empty, NA, nan, None, -999), those of other classes, labelled ones without a file.
            Reads every number of the features that the config names; those of a job with --out. Exit codes: 0 nothing
            is wrong, 2 something is, 3 nothing else than slides that cannot be worked on, such as those with unsafe
            names, 4 features of the job are damaged or out of date, or features differ in scale or encoder, 5 a case
            stands on both sides of a split.

            Example:
              wsi check --config pipelines/clam.json
            """.reflowed
    )

    @Option(help: ArgumentHelp("The study's config; see pipelines/camelyon.json.", valueName: "json"))
    var config: String

    @Option(help: ArgumentHelp("Also look at the features that this job has made.", valueName: "job"))
    var out: String?

    @OptionGroup var scale: ScaleOptions
    @OptionGroup var naming: NamingOption
    @OptionGroup var reading: ReadingOptions
    @OptionGroup var mismatch: MismatchOption

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup var log: LogOption

    func run() throws {
        let layout = out.map { JobLayout(root: URL(filePath: $0).standardizedFileURL) }
        let check = StudyCheck(
            config: URL(filePath: config).standardizedFileURL,
            layout: layout,
            overrides: StudyOverrides(
                slideMPP: scale.slideMpp,
                mppTable: scale.mppTable,
                reading: reading.changes,
                allowsScaleMismatch: mismatch.allowScaleMismatch,
                naming: naming.idFrom
            )
        )
        let progress = ConsoleProgress(quiet: json)
        var report = try check.run(progress: progress.sink)
        progress.close()
        report.problems.forEach(Console.problem)
        if json {
            for index in report.problems.indices {
                report.problems[index].message = Invocation.advised(report.problems[index].message)
            }
            report.notes = report.notes.map { Invocation.advised($0) }
            try Console.result(CanonicalJSON.data(report))
        } else {
            report.notes.forEach(Console.note)
            try Console.result(Self.text(report))
        }
        try report.exitStatus.throwUnlessOK()
    }

    private static func text(_ report: StudyCheck.Report) -> String {
        func part(_ part: StudyCheck.Report.Fold.Part) -> String { "\(part.slides) (\(part.cases))" }
        let classes = report.classes.map { "\(ShownText.line($0.name)): \($0.slides) (\($0.cases))" }.joined(
            separator: ", "
        )
        var rows = [["fold", "train", "validation", "test"]]
        rows += report.folds.map { ["\($0.fold)", part($0.train), part($0.validation), part($0.test)] }
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        let table = rows.map { row in
            zip(row, widths).map { $0.padding(toLength: $1 + 2, withPad: " ", startingAt: 0) }.joined()
                .trimmingCharacters(in: .whitespaces)
        }
        let count = report.problems.reduce(0) { $0 + ($1.count ?? 1) }
        let verdict = report.problems.isEmpty ? "nothing is wrong" : "\(Throughput.grouped(count)) problem(s)"
        let absent = [
            (report.unlabelled, "without a label"), (report.otherClasses, "of other classes"),
            (report.missing, "without a file"),
        ].filter { $0.0 > 0 }.map { "\($0) \($1)" }
        let said =
            [report.order].compactMap { $0 }
            + (absent.isEmpty ? [] : ["slides left out: \(absent.joined(separator: ", "))"])
        let lines =
            ["slides (cases): \(report.slides) (\(report.cases)); \(classes)"] + said
            + (report.folds.isEmpty ? [] : table)
        return (lines + [verdict]).joined(separator: "\n")
    }
}
