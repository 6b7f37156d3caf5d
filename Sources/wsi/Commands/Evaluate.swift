public import ArgumentParser
import Config
import Evaluation
import Files
import Foundation
import Imaging
import Pipeline
public import Records

struct Evaluate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Metrics of a training, with intervals.",
        discussion: """
            Pools the test parts of all folds, so that every slide counts once, and prints a table. With annotations, tells
            how well the maps agree with them: AUC and average precision of the patches, Dice of the area above
            --regions-from, and CAMELYON16's FROC score; with --controls, what regressions on a slide's mean features,
            tissue area, file size and mean colour reach, which a model should beat. With --faithfulness, takes the patches
            of each tested slide out of its bag in the order of its maps and in random orders, and tells which maps point to
            what the model used; that reads the predictions and keeps what it finds in JOB/faithfulness. Of a training with several seeds --model
            NAME has the figures of each, their mean and the mean of their answers, and --faithfulness wants one of them
            (--model NAME/seed_0); of several targets each has its own.

            Examples:
              wsi evaluate study --model acmil --annotations cohort/annotations --controls
              wsi evaluate study --model acmil --faithfulness
              wsi evaluate study --model acmil --report acmil.html
              wsi evaluate study --model acmil --json
            """.reflowed
    )

    @OptionGroup var job: WrittenJob
    @OptionGroup var model: ModelOption

    @Option(
        help: ArgumentHelp(
            """
            Folder with annotated regions by slide, \(AnnotatedRegions.fileNames). \
            Formats: \(AnnotatedRegions.formats).
            """,
            discussion: "A slide of the first class without a file has nothing to be found.",
            valueName: "dir"
        )
    )
    var annotations: String?

    @Option(
        help: ArgumentHelp(
            "What annotations count from: slide or bounds. Default: as the file says, else bounds.",
            valueName: "origin"
        )
    )
    var origin: CoordinateOrigin?

    @Option(
        help: ArgumentHelp("Pixels of the annotations per level-0 pixel of the slide.", valueName: "factor")
    )
    var annotationScale = 1.0

    @Option(
        help: ArgumentHelp("A class of the annotations that counts; may be repeated. Default: all.", valueName: "name")
    )
    var annotationClass: [String] = []

    @Option(
        help: ArgumentHelp(
            "N times the value of a patch from which its area counts for Dice; 1 is uniform attention.",
            valueName: "value"
        )
    )
    var regionsFrom = 1.0

    @Flag(help: "Also compute shortcut controls.")
    var controls = false

    @Flag(
        help: ArgumentHelp(
            "Also tell whether the maps point to what the model used.",
            discussion: """
                Of the training's slides that are predicted; wsi predict --explain adds maps beside attention. Of several \
                seeds one is named (--model NAME/seed_0).
                """
        )
    )
    var faithfulness = false

    @Option(
        help: DeviceChoice.help("Where --faithfulness computes"),
        completion: .list(DeviceChoice.words),
        transform: DeviceChoice.argument
    )
    var device: DeviceChoice = .auto

    @Flag(help: "Print JSON, with every metric of every fold.")
    var json = false

    @Option(
        help: ArgumentHelp("Also write the report page, as it is in the training's folder, here.", valueName: "file")
    )
    var report: String?

    @OptionGroup var log: LogOption

    func validate() throws {
        guard annotationScale.isFinite, annotationScale > 0 else {
            throw ValidationError("--annotation-scale: a number over 0 is wanted")
        }
        guard regionsFrom.isFinite else { throw ValidationError("--regions-from: a number is wanted") }
    }

    func run() async throws {
        let layout = try job.layout()
        let settings = try faithfulness ? WorkSettings(workers: 1, programs: Programs.installed()) : nil
        let needs = settings.map { MachineNeeds.ofWork($0, processes: 1, readsSlides: false) }
        try (needs ?? .ofEveryCommand).begin(in: layout.root)
        if let report { Ending.watch(overFilesIn: URL(filePath: report).deletingLastPathComponent()) }
        let evaluation = EvaluationRun(
            layout: layout,
            model: try model.folder(in: layout),
            annotations: annotations.map { folder in
                EvaluationRun.Annotations(
                    folder: URL(filePath: folder),
                    origin: origin,
                    scale: annotationScale,
                    classes: annotationClass.isEmpty ? nil : annotationClass,
                    from: regionsFrom
                )
            },
            controls: controls,
            page: report.map { URL(filePath: $0) }
        )
        var maps: FaithfulnessSummary?
        if let settings { maps = try await self.maps(layout, settings) }
        switch try evaluation.run(note: Console.line) {
        case .one(var report):
            report.faithfulness = maps
            try json ? Console.result(CanonicalJSON.data(report)) : Console.result(EvaluationText(report).text)
        case .seeds(let summary):
            try json ? Console.result(CanonicalJSON.data(summary)) : Console.result(SeedsText(summary).text)
        }
        try (maps?.failed.isEmpty == false ? ExitStatus.partial : .ok).throwUnlessOK()
    }

    private func maps(_ layout: JobLayout, _ settings: WorkSettings) async throws -> FaithfulnessSummary {
        let run = FaithfulnessRun(
            layout: layout,
            model: try model.folder(in: layout),
            device: device,
            settings: settings
        )
        let progress = ConsoleProgress()
        defer { progress.close() }
        return try await run.run(progress: progress.sink)
    }
}

extension CoordinateOrigin: ExpressibleByArgument {}
