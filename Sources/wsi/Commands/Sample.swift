import ArgumentParser
import Foundation
import Pipeline
import Records
import Sample

struct SampleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sample",
        abstract: "Write the synthetic sample cohort.",
        discussion: """
            Slides that look like H&E, as pyramidal JPEG TIFFs; half of them carry small foci of different nuclei.
            Writes DIR/slides/*.svs, DIR/labels.csv, DIR/outcomes.csv (a number, a survival time and three labels that
            depend on the foci) and DIR/annotations/*.geojson (the foci). The same seed gives the same bytes.

            Example:
              wsi sample cohort && wsi tile cohort/slides --out study
            """.reflowed
    )

    @Argument(help: ArgumentHelp("The folder to write.", valueName: "dir"))
    var folder: String

    @Option(help: ArgumentHelp("Number of slides.", valueName: "n"))
    var slides = 32

    @Option(help: ArgumentHelp("Side of a slide in pixels, about, 2048 to 32768.", valueName: "px"))
    var side = 4000

    @Option(help: ArgumentHelp("Seed of every random draw.", valueName: "seed"))
    var seed: UInt64 = 7

    @Flag(name: .shortAndLong, help: "Print errors only.")
    var quiet = false

    @OptionGroup var log: LogOption

    func validate() throws {
        guard (2...512).contains(slides) else { throw ValidationError("--slides: 2 to 512 are allowed") }
        guard (2048...32_768).contains(side) else { throw ValidationError("--side: 2048 to 32768 pixels are allowed") }
    }

    func run() async throws {
        let target = URL(filePath: folder)
        for part in SampleCohort.folders(of: target) { Ending.watch(overFilesIn: part) }
        let progress = ConsoleProgress(quiet: quiet).sink
        progress(.began(stage: "sample", units: slides, done: 0))
        let made = try await SampleCohort.write(
            to: target,
            options: SampleOptions(slides: slides, side: side, seed: seed),
            concurrency: MachineShare().coreCount
        ) { _, _ in progress(.finished(unit: "", failure: nil)) }
        var report = StageReport(stage: StageName("sample"))
        (report.ok, report.cached) = (slides, made.written == 0 ? slides : 0)
        progress(.ended(report))
        try Console.result(folder)
    }
}
