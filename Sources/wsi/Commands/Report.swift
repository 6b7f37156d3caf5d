import ArgumentParser
import Foundation
import Pipeline
import Records
import Storage

struct Report: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "One page per slide for a colleague.",
        discussion: """
            Writes JOB/reports/<model>/ID.html, each a single file that needs no server and prints on A4: the probability with
            its threshold and where that comes from, each reader's last verdict, the map, what each branch looked at, the
            patches with the highest and lowest values, and facts, versions and digests. A report that is older than a
            verdict is made again with --redo.

            Examples:
              wsi report study --model acmil
              wsi report study S12 S13 --model acmil
            """.reflowed + Help.exitCodes
    )

    @OptionGroup var job: WrittenJob

    @Argument(help: ArgumentHelp("Only these slides.", valueName: "slide"))
    var slides: [String] = []

    @Option(help: ArgumentHelp("Name of the predictions.", valueName: "name"))
    var model: String

    @OptionGroup(title: "Slides far away") var staging: StageOptions

    @OptionGroup(title: "Work") var work: WorkOptions

    func run() async throws {
        let layout = try job.layout()
        var settings = try await work.settings()
        settings.staging = try staging.staging()
        try MachineNeeds.ofWork(settings).begin(in: layout.root)
        let stage = HeatmapStage(
            layout: layout,
            model: TrainingName(text: model),
            output: .report,
            heatmap: try HeatmapStage.config(model: TrainingName(text: model), in: layout),
            slides: slides.isEmpty ? nil : Set(try slides.map { try SlideID($0) }),
            settings: settings
        )
        try (try await stage.run(progress: work.progress.sink)).report.exitStatus.throwUnlessOK()
        if !work.quiet { Console.line("reports are in \(layout.reports(model).path)") }
    }
}
