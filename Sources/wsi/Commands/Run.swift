import ArgumentParser
import Foundation
import Pipeline
import Records
import Storage

/// `--config` and `--out`, shared by the commands that work on a study.
struct StudyOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The study's config; see pipelines/camelyon.json.", valueName: "json"))
    var config: String

    @OptionGroup var job: JobOption

    @Option(help: ArgumentHelp("Seed of initial weights, order and masks; overrides the config.", valueName: "seed"))
    var seed: UInt64?

    func study() throws -> Study { try Study(config: URL(filePath: config).standardizedFileURL, seed: seed) }
}

struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Walk a whole study: tile, features, train, predict, heatmap.",
        discussion: """
            What is done is not done again; what was interrupted goes on; what an earlier stage changed is redone.

            Example:
              wsi run --config pipelines/camelyon.json --out study
            """
    )

    @OptionGroup var study: StudyOptions

    @OptionGroup(title: "Work") var work: WorkOptions

    func run() async throws {
        let study = try study.study()
        let settings = try work.settings(redoChangedInputs: true)
        let layout = self.study.job.layout
        AtomicFile.sweep(layout.root)
        let status = try await StudyRun(study: study, layout: layout, settings: settings, version: wsiVersion)
            .run(progress: work.progress.sink)
        try status.throwUnlessOK()
    }
}
