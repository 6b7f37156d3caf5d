public import ArgumentParser
import Config
import Files
import Foundation
import Pipeline
public import Records
import Storage

/// Which trained model a command uses.
struct ModelOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A training's name in this job (NAME, or NAME/seed_S of several seeds), or the folder of one.",
            valueName: "name|folder"
        )
    )
    var model: String

    func folder(in layout: JobLayout) throws -> TrainingFolder {
        let place = layout.training.appending(path: model).standardizedFileURL
        guard try !model.contains("/") || RegularFile.exists(place) else {
            return TrainingFolder(at: URL(filePath: model).standardizedFileURL)
        }
        let top = layout.training.standardizedFileURL.path + "/"
        guard place.path.hasPrefix(top) else { return TrainingFolder(at: place) }
        return layout.training(TrainingName(text: String(place.path.dropFirst(top.count))))
    }
}

extension Explanation: ExpressibleByArgument {}

struct Predict: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Apply a trained model to slides with features.",
        discussion: """
            A slide of the training's cohort is judged by the fold that tested it, so that nothing is judged by a model
            that has seen it; a new slide by the mean of all folds. Writes JOB/predictions/<name>/ID.h5. Of a training with
            several seeds all models predict, in a folder for each seed, and ensemble.csv has their mean with its spread. A
            training on another tool's features predicts on them again, or on those of --features.

            Examples:
              wsi predict study --model acmil
              wsi predict newslides --model study/training/acmil
              wsi predict study --model acmil --features trident/20x_256px_0px_overlap/features_uni_v1
              wsi predict study --model acmil --explain single --explain lrp --redo
            """.reflowed + Help.exitCodes
    )

    @OptionGroup var job: WrittenJob
    @OptionGroup var model: ModelOption

    @Option(help: ArgumentHelp("Another tool's features: a folder, or one file for all slides.", valueName: "path"))
    var features: String?

    @Option(
        help: ArgumentHelp(
            "Side of a patch in level-0 pixels, for features that do not say it. Default: the distance of patches.",
            valueName: "px"
        )
    )
    var patchSizeLevel0: Int?

    @Option(
        help: ArgumentHelp(
            "Also tell what each patch brings to the answer, may be repeated: contribution, critical, single, "
                + "occlusion, ig, lrp. "
                + "Default: heatmap.explain.",
            valueName: "way"
        )
    )
    var explain: [Explanation] = []

    @OptionGroup var mismatch: MismatchOption

    @Option(
        help: DeviceChoice.help("Where to compute"),
        completion: .list(DeviceChoice.words),
        transform: DeviceChoice.argument
    )
    var device: DeviceChoice = .auto

    @OptionGroup(title: "Slides") var selection: SelectionOptions

    @OptionGroup(title: "Work") var work: WorkOptions

    func validate() throws {
        if let patchSizeLevel0, !FeaturesConfig.sides.contains(patchSizeLevel0) {
            throw ValidationError("--patch-size-level0: 1 to 1048576 are allowed")
        }
    }

    func run() async throws {
        let layout = try job.layout()
        let settings = try await work.settings(selection)
        try MachineNeeds.ofWork(settings, readsSlides: false).begin(in: layout.root)
        var stage = PredictStage(
            layout: layout,
            model: try model.folder(in: layout),
            features: features.map { URL(filePath: $0).standardizedFileURL },
            device: device,
            settings: settings
        )
        stage.sideLevel0 = patchSizeLevel0
        stage.explain = explain.isEmpty ? nil : explain
        stage.allowsScaleMismatch = mismatch.allowScaleMismatch
        let reports = try await EnsemblePrediction(stage).run(progress: work.progress.sink)
        try ExitStatus.worst(reports.map(\.exitStatus)).throwUnlessOK()
    }
}
