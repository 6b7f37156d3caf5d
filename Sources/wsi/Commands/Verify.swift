import ArgumentParser
import Files
import Foundation
import Pipeline
import Records
import Storage

struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compare every file of a job with what is on record of it.",
        discussion: """
            Reads every file that an outcome or a training's study.json names and compares it with its digest, HDF5 files
            also with the fingerprint that they carry, and records with each other. Files that no record names are listed;
            those that wsi evaluate --faithfulness and wsi cohort make anew have none and are counted.
            What was written by readers (review) and what tells of machines (audit) has no digest: it is read, no more.
            Digests are quick: files up to 6 MiB are hashed whole; of a larger one its size, the first and last MiB and 64
            blocks between them. Results that are as recorded and older than what they follow from are said; wsi status
            tells the chain.

            Exit codes: 0 all is as recorded, 4 something is damaged, missing or contradictory (--strict: or not on record),
            5 a record names a path outside of the job, which was not read, 2 a file may not be read, 75 a disk failed.

            Examples:
              wsi verify study
              wsi verify study --slides --json
            """.reflowed
    )

    @OptionGroup var job: JobArgument
    @OptionGroup var links: LinksOption

    @Flag(help: "Also compare the slides with what was tiled.")
    var slides = false

    @Flag(help: "Files that no record names are faults too.")
    var strict = false

    @Flag(help: "Print JSON.")
    var json = false

    @Flag(name: .shortAndLong, help: "Print errors and the summary only.")
    var quiet = false

    @OptionGroup var log: LogOption

    func run() throws {
        let layout = try job.layout()
        // Whatever a record says: nothing is opened through a link out of the job.
        try links.fence(layout, reads: true)
        let following = links.followLinks.map { URL(filePath: $0).standardizedFileURL }
        let verification = Verification(layout: layout, slides: slides, following: following)
        let progress = ConsoleProgress(quiet: quiet || json)
        var report = try verification.run(progress: progress.sink)
        progress.close()
        for index in report.findings.indices {
            report.findings[index].remedy = report.findings[index].remedy.map { Invocation.advised($0) }
        }
        for finding in report.findings where finding.kind.isFault || strict { Console.error(finding.failure) }
        try Console.result(json ? CanonicalJSON.data(report) : Data((text(report) + "\n").utf8))
        try report.exitStatus(strict: strict).throwUnlessOK()
    }

    /// Files of one kind that are listed.
    private static let shown = 20

    private func text(_ report: VerifyReport) -> String {
        var lines: [String] = []
        if !quiet {
            for kind in [VerifyFinding.Kind.orphan, .stranger] where !strict {
                let found = report.findings.filter { $0.kind == kind }
                lines += found.prefix(Self.shown).map { "\(kind.rawValue): \($0.path): \($0.message)" }
                let more = found.count - Self.shown
                if more > 0 { lines.append("\(kind.rawValue): \(Throughput.grouped(more)) more; --json has all") }
            }
            lines += report.stale.map { stale in
                let names = stale.units.prefix(5).map(\.text).joined(separator: ", ")
                return "stale: \(stale.stage): \(stale.units.count) (\(names)\(stale.units.count > 5 ? ", …" : ""))"
            }
            if !report.stale.isEmpty {
                lines.append(
                    "what is stale is intact, and older than what it follows from; wsi status \(job.job) says more"
                )
            }
            lines += report.notes.map { "note: \($0)" }
        }
        lines.append(report.summary)
        lines += report.remedies.map { "  \($0.text) (\($0.files) file\($0.files == 1 ? "" : "s"))" }
        return lines.joined(separator: "\n")
    }
}
