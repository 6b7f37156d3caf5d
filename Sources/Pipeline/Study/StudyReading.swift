import Config
import Foundation
import Records
import Storage

/// Everything that a config names, read in one pass: what is there, what is worth knowing and what is wrong.
struct StudyReading {
    let config: PipelineConfig
    /// The config file's folder, which its relative paths start from.
    let folder: URL
    let allowsScaleMismatch: Bool
    /// µm per pixel of single slides.
    private let mppTable: URL?
    private let naming: SlideNaming
    private(set) var labels: LabelTable
    /// Every slide of the cohort, in its order; empty where the features come from elsewhere and no slides are named.
    private(set) var entries: [SlideEntry] = []
    /// Slides that were found and cannot be worked on.
    private(set) var leftOut: [LeftOutFiles] = []
    /// Where the config names features that are there already; nil also where they cannot be looked at, a problem then.
    private(set) var featureFolder: FeatureFolder?
    private(set) var splits: [Split] = []
    private(set) var notes: [String]
    private(set) var problems: [Problem]

    var cohort: Cohort { labels.cohort }

    /// - Throws: only for a config that cannot be read.
    init(config url: URL, overrides: StudyOverrides = StudyOverrides()) throws {
        try self.init(PipelineConfig.read(url), in: url.deletingLastPathComponent(), overrides: overrides)
    }

    /// - Parameter folder: where the config's relative paths start.
    /// - Throws: only for overrides out of range.
    init(_ config: PipelineConfig, in folder: URL, overrides: StudyOverrides = StudyOverrides()) throws {
        var config = config
        try overrides.apply(to: &config)
        self.config = config
        self.folder = folder
        (allowsScaleMismatch, naming) = (overrides.allowsScaleMismatch, overrides.naming)
        mppTable = overrides.mppTable ?? config.tiling.mppCSV.map { Self.path($0, in: folder) }
        labels = LabelTable(
            Self.path(config.cohort.labels, in: folder),
            config: config.cohort,
            slideTable: config.cohort.slideTable.map { Self.path($0, in: folder) }
        ) { Self.slides(of: config, in: folder, overrides.naming) }
        notes = labels.notes
        problems = labels.problems
        if mppTable != nil, config.features.path != nil {
            notes.append(
                "tiling.mpp_csv is not read: no slide is tiled, since features.path names features that are there"
            )
        }
        guard !cohort.slides.isEmpty else { return }
        readSlides()
        readFeatureFolder()
        makeSplits()
    }

    static func path(_ text: String, in folder: URL) -> URL {
        URL(filePath: text, relativeTo: folder).standardizedFileURL
    }

    /// Those that are there; what is wrong with them is said where they are read.
    private static func slides(of config: PipelineConfig, in folder: URL, _ naming: SlideNaming) -> [SlideID] {
        if let slides = config.cohort.slides {
            let list = try? slideList(path(slides, in: folder), naming)
            return list?.entries.map(\.id) ?? []
        }
        guard let features = config.features.path else { return [] }
        return (try? FeatureFolder(path(features, in: folder)).slides) ?? []
    }

    private static func slideList(_ url: URL, _ naming: SlideNaming) throws -> SlideList {
        try url.pathExtension == "csv"
            ? SlideList.read(list: url, naming: naming) : SlideList.find(paths: [url.path], naming: naming)
    }

    private mutating func readSlides() {
        guard let text = config.cohort.slides else { return }
        let url = Self.path(text, in: folder)
        if RemoteAddress(text) != nil {
            let words =
                "slides of an object store are named one by one: write a CSV with their addresses in a column wsi, and name it here"
            problems.append(Problem(.usage, "cohort.slides", words))
            return
        }
        do {
            var list = try Self.slideList(url, naming)
            do {
                if let mppTable, config.features.path == nil {
                    list = try SlideList.merge(mppTable: mppTable, into: list)
                }
            } catch { problems += Problem.all(of: error, file: mppTable?.path ?? "") }
            leftOut = list.leftOut
            notes += list.notes
            let byID = Dictionary(uniqueKeysWithValues: list.entries.map { ($0.id, $0) })
            match(byID.keys)
            leaveOut(
                cohort.slides.map(\.slide).filter { byID[$0] == nil },
                .table,
                one: "is not in \(text)",
                several: "are not in \(text)",
                strangers: byID.keys.filter { labels.lines[$0] == nil }
            )
            entries = cohort.slides.compactMap { byID[$0.slide] }
            let unlabelled = byID.keys.filter { labels.lines[$0] == nil }.sorted()
            if !unlabelled.isEmpty {
                let shown = unlabelled.map(\.text).shortened
                notes.append("\(unlabelled.count) slide(s) have no label and are left out: \(shown)")
            }
        } catch { problems += Problem.all(of: error, file: url.path) }
    }

    private mutating func readFeatureFolder() {
        guard let path = config.features.path.map({ Self.path($0, in: folder) }) else { return }
        do {
            let found = try FeatureFolder(path)
            featureFolder = found
            // Without slides the files' names are the slides' ids.
            if config.cohort.slides == nil { match(found.slides) }
            let matched = found.matched(to: cohort.slides.map(\.slide))
            leaveOut(
                cohort.slides.map(\.slide).filter { matched.files[$0] == nil },
                .notFound,
                one: "has no features in \(path.path)",
                several: "have no features in \(path.path)",
                strangers: Array(matched.strangers.keys)
            )
        } catch { problems += Problem.all(of: error, file: path.path) }
    }

    /// Gives the labels the ids that slides or files have.
    private mutating func match(_ slides: some Sequence<SlideID>) {
        let match = labels.match(SlideNames(slides))
        problems += match.problems
        guard let first = match.renamed.first else { return }
        notes.append(
            "\(match.renamed.count) slide(s) of \(labels.file.lastPathComponent) are matched "
                + NameHint.difference(first.from, first.to.text)
        )
    }

    /// Goes on without labelled slides that have no file, before the cohort is split; all of them stay where that is a problem.
    /// - Parameter strangers: slides that are there and have no label.
    private mutating func leaveOut(
        _ slides: [SlideID],
        _ code: ErrorCode,
        one: String,
        several: String,
        strangers: [SlideID]
    ) {
        let missing = MissingSlides(
            slides,
            of: labels,
            wanted: config.cohort.missing,
            code: code,
            one: one,
            several: several,
            strangers: strangers
        )
        problems += missing.problems
        guard let note = missing.note else { return }
        notes.append(note)
        labels.leaveOut(slides)
        let absent = labels.absent
        entries.removeAll { absent[$0.id] != nil }
    }

    private mutating func makeSplits() {
        let before = problems.count
        do {
            if let pattern = config.cohort.splits {
                let files = SplitFiles(
                    pattern,
                    in: folder,
                    labels: labels,
                    slideColumn: config.cohort.columns.slide
                )
                notes += files.notes
                problems += files.problems
                for split in files.splits { splits.append(try withValidation(split)) }
            } else {
                splits = try madeHere()
            }
        } catch {
            // A table with problems has too few cases of one class or another; those say enough.
            if before == 0 { problems += Problem.all(of: error, file: labels.file.path) }
        }
    }

    /// Where a file names no validation slides, a share of its training cases serves, unless no epoch is to be chosen.
    private mutating func withValidation(_ split: Split) throws -> Split {
        guard split.validation.isEmpty, !split.train.isEmpty else { return split }
        // A search compares its candidates there, whatever each does with it.
        if config.search != nil { return try carvingValidation(from: split) }
        let recipe = config.training.recipe(
            for: config.model,
            featureWidth: 0,
            classes: cohort.classes.count,
            kind: cohort.selectionKind
        )
        let (training, cases) = (config.training, Set(split.train).count)
        if training.plan == .auto, training.selection == nil, cases < TrainingPlan.fewestToSplit {
            note(
                "the split files name no validation part, and of fewer than \(TrainingPlan.fewestToSplit) slides the plan cuts none "
                    + "off; the last epoch is kept"
            )
            return split
        }
        guard recipe.selection != .last else {
            note("the split files name no validation part; the last epoch is kept")
            return split
        }
        return try carvingValidation(from: split)
    }

    private mutating func carvingValidation(from split: Split) throws -> Split {
        note(
            "the split files name no validation part; \(config.cohort.valFraction) of the training cases serve as one"
        )
        return try Splits.carvingValidation(
            from: split,
            of: cohort,
            fraction: config.cohort.valFraction,
            seed: config.cohort.seed
        )
    }

    private mutating func note(_ text: String) { if !notes.contains(text) { notes.append(text) } }

    private func madeHere() throws -> [Split] {
        let (fraction, seed) = (config.cohort.valFraction, config.cohort.seed)
        if let count = config.cohort.monteCarlo {
            return try Splits.monteCarlo(
                count,
                of: cohort,
                testFraction: config.cohort.testFraction,
                validationFraction: fraction,
                seed: seed
            )
        }
        if config.cohort.site != nil {
            return try Splits.bySite(labels.sites, of: cohort, validationFraction: fraction, seed: seed)
        }
        guard let pattern = config.cohort.testSlides else {
            return try Splits.folds(config.cohort.folds ?? 0, of: cohort, validationFraction: fraction, seed: seed)
        }
        let test = cohort.slides.map(\.slide).filter { fnmatch(pattern, $0.text, 0) == 0 }
        guard !test.isEmpty, test.count < cohort.slides.count else {
            throw ConfigError(
                "cohort.test_slides",
                "the pattern '\(pattern)' matches \(test.count) of \(cohort.slides.count) slides"
            )
        }
        let tested = Set(test)
        let rest = cohort.slides.map(\.slide).filter { !tested.contains($0) }
        let split = Split(fold: 0, train: rest, validation: [], test: test)
        try Splits.check([split], of: cohort)
        return [try Splits.carvingValidation(from: split, of: cohort, fraction: fraction, seed: seed)]
    }
}
