import ArgumentParser
import Foundation
import Pipeline
import Records

struct Evaluate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Metrics of a training, with intervals.",
        discussion: """
            Pools the test parts of all folds, so that every slide counts once, and prints JSON. With annotations, tells
            how well attention ranks annotated patches above others; with --controls, what regressions on a slide's mean
            features, tissue area, file size and mean colour reach, which a model should beat.

            Example:
              wsi evaluate study --model acmil --annotations cohort/annotations --controls
              wsi evaluate study --model acmil --report acmil.html
            """
    )

    @OptionGroup var job: JobArgument
    @OptionGroup var model: ModelOption

    @Option(help: ArgumentHelp("Folder with ID.geojson of annotated regions in level-0 pixels.", valueName: "dir"))
    var annotations: String?

    @Flag(help: "Also compute shortcut controls.")
    var controls = false

    @Option(
        help: ArgumentHelp("Also write the report page, as it is in the training's folder, here.", valueName: "file")
    )
    var report: String?

    func run() async throws {
        let layout = try job.layout()
        let evaluation = Evaluation(
            layout: layout,
            model: model.folder(in: layout),
            annotations: annotations.map { URL(filePath: $0) },
            controls: controls,
            page: report.map { URL(filePath: $0) },
            programs: try Programs.installed()
        )
        try Console.result(try await evaluation.run())
    }
}
