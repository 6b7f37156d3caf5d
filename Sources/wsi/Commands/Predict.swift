public import ArgumentParser
import Foundation
import Pipeline
import Records
import Storage

/// Which trained model a command uses.
struct ModelOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A training's name in this job, or the folder of one (JOB/training/NAME).",
            valueName: "name|folder"
        )
    )
    var model: String

    func folder(in layout: JobLayout) -> URL {
        model.contains("/") ? URL(filePath: model).standardizedFileURL : layout.training.appending(path: model)
    }
}

struct Predict: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Apply a trained model to slides with features.",
        discussion: """
            A slide of the training's cohort is judged by the fold that tested it, so that nothing is judged by a model
            that has seen it; a new slide by the mean of all folds. Writes JOB/predictions/<name>/ID.h5.

            Examples:
              wsi predict study --model acmil
              wsi predict newslides --model study/training/acmil
            """
    )

    @OptionGroup var job: JobArgument
    @OptionGroup var model: ModelOption

    @Option(help: ArgumentHelp("Where to compute: auto, cpu or cuda.", valueName: "device"))
    var device: TrainingConfig.DeviceChoice = .auto

    @OptionGroup(title: "Work") var work: WorkOptions

    func run() async throws {
        let layout = try job.layout()
        AtomicFile.sweep(layout.root)
        let stage = PredictStage(
            layout: layout,
            model: model.folder(in: layout),
            device: device,
            settings: try work.settings()
        )
        try await stage.run(progress: work.progress.sink).report.exitStatus.throwUnlessOK()
    }
}

extension TrainingConfig.DeviceChoice: ExpressibleByArgument {}
