public import ArgumentParser
public import Config
import Files
import Foundation
import Pipeline
public import Records

struct Init: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write a study's config for slides and labels that are there.",
        discussion: """
            Looks at the labels, the slides or features and some slides' µm per pixel, chooses columns, what is asked, classes,
            the positive class, µm, folds and encoder, and says why. Knows tables by patient (STAMP's with a table of slides,
            TCGA's by barcodes) and columns of given folds (Patho-Bench's). What the files leave open it asks for, and writes nothing then. The
            config is one that `wsi check` accepts; docs/config.md tells every key that may be added. Exit codes: 0 written,
            2 a question is open or a table is wrong, 3 no slide could be looked at, 5 a name is unsafe; nothing is written
            then.

            Examples:
              wsi init slides/ labels.csv --out study.json
              wsi init labels.csv --features clam/features/h5_files --positive tumor_tissue --out study.json
              wsi init slides/ clinical.tsv --target survival
              wsi init clini.csv --slide-table slide.csv --features stamp/features --label-column isMSIH
            """.reflowed
    )

    @Argument(
        help: ArgumentHelp(
            "The slides (a folder or a list as CSV), and the labels (CSV).",
            valueName: "slides> <labels"
        )
    )
    var paths: [String]

    @Option(help: ArgumentHelp("The config to write.", valueName: "json"))
    var out = "study.json"

    @Option(
        help: ArgumentHelp("Features that are there already: a folder, or one file for all slides.", valueName: "path")
    )
    var features: String?

    @Option(help: ArgumentHelp("The labels' column of slides.", valueName: "column"))
    var slideColumn: String?

    @Option(help: ArgumentHelp("The labels' column of cases (patients).", valueName: "column"))
    var caseColumn: String?

    @Option(
        help: ArgumentHelp(
            "The labels' column of classes or numbers; of labels one for each, with commas between them.",
            valueName: "column"
        )
    )
    var labelColumn: String?

    @Option(help: ArgumentHelp("What is asked of every slide.", valueName: "target"))
    var target: Target.Kind?

    @Option(help: ArgumentHelp("The labels' column of times, of survival.", valueName: "column"))
    var timeColumn: String?

    @Option(help: ArgumentHelp("The labels' column of events, of survival.", valueName: "column"))
    var eventColumn: String?

    @Option(help: ArgumentHelp("A CSV of slides and their cases; labels are then by case.", valueName: "csv"))
    var slideTable: String?

    @Option(help: ArgumentHelp("The positive class.", valueName: "class"))
    var positive: String?

    @Option(help: ArgumentHelp("he-texture-v1, or an encoder's JSON.", valueName: "name|json"))
    var encoder: String?

    @Option(help: ArgumentHelp("The kind of model.", valueName: "kind"))
    var model: ModelConfig.Kind?

    @Option(
        help: ArgumentHelp(
            "µm per pixel of every slide at level 0, where they do not say it or are wrong.",
            valueName: "µm"
        )
    )
    var slideMpp: Double?

    @OptionGroup var log: LogOption

    func validate() throws {
        guard paths.count == 2 || (paths.count == 1 && features != nil) else {
            throw ValidationError("name the slides and the labels, or with --features the labels alone")
        }
        if let slideMpp {
            guard TilingConfig.plausibleMPP.contains(slideMpp) else {
                throw ValidationError("--slide-mpp: a number of µm from 0.05 to 100 is wanted")
            }
            guard features == nil else {
                throw ValidationError("--slide-mpp is for slides that are tiled, not for --features")
            }
        }
    }

    func run() async throws {
        let target = URL(filePath: out).standardizedFileURL
        let taken = Failure(.usage, out, "there is such a file already; name another with --out, or remove it")
        guard try !RegularFile.exists(target) else { throw taken }
        var study = try NewStudy(wishes(), in: target.deletingLastPathComponent())
        let progress = ConsoleProgress()
        try await study.chooseScale(try await WorkOptions.parse([]).settings(isTimed: false), progress: progress.sink)
        progress.close()
        study.failures.forEach(Console.error)
        let made = try study.checked(progress: progress.sink)
        progress.close()
        Ending.watch(overFilesIn: target.deletingLastPathComponent())
        guard try AtomicFile.create(Data((made.json + "\n").utf8), at: target) else { throw taken }
        for choice in study.choices where !choice.reason.isEmpty {
            let key = [choice.section, choice.key].compactMap { $0 }.joined(separator: ".")
            Console.line(ShownText.line("\(key) = \(choice.value.words): \(choice.reason)"))
        }
        study.notes.forEach { Console.line(ShownText.line($0)) }
        try Console.result(out)
        let config = ShellWord.quoted(out)
        Console.line(ShownText.line("next  wsi check --config \(config), then wsi run --config \(config) --out job"))
    }

    private func wishes() -> NewStudy.Wishes {
        func url(_ path: String) -> URL { URL(filePath: path).standardizedFileURL }
        var wishes = NewStudy.Wishes(labels: url(paths[paths.count - 1]))
        wishes.slides = paths.count == 2 ? url(paths[0]) : nil
        wishes.features = features.map(url)
        (wishes.slideColumn, wishes.caseColumn) = (slideColumn, caseColumn)
        (wishes.timeColumn, wishes.eventColumn) = (timeColumn, eventColumn)
        (wishes.target, wishes.slideTable) = (target, slideTable.map(url))
        wishes.labelColumns =
            labelColumn.map { target == .labels ? $0.split(separator: ",").map(String.init) : [$0] } ?? []
        (wishes.positive, wishes.encoder, wishes.model, wishes.slideMPP) = (positive, encoder, model, slideMpp)
        return wishes
    }
}

extension ModelConfig.Kind: ExpressibleByArgument {}
extension Target.Kind: ExpressibleByArgument {}
