public import Foundation
public import Records

/// A config with its files found: what every stage of a run works on.
public struct Study: Sendable {
    public var config: PipelineConfig
    /// The config file's folder, which its relative paths start from.
    public var folder: URL
    public var cohort: Cohort
    /// Every slide of the cohort, in its order.
    public var entries: [SlideEntry]
    public var splits: [Split]

    /// Reads and checks everything that the config names, before any work.
    /// - Throws: a usage error for missing files, labels without slides, or classes too small to be split.
    public init(config url: URL, seed: UInt64? = nil) throws {
        config = try PipelineConfig.read(url)
        if let seed { config.training.seed = seed }
        folder = url.deletingLastPathComponent()
        cohort = try LabelTable.read(Self.path(config.cohort.labels, in: folder), classes: config.cohort.classes)
        let slides = Self.path(config.cohort.slides, in: folder)
        let found =
            try slides.pathExtension == "csv" ? SlideList.read(list: slides) : SlideList.find(paths: [slides.path])
        let byID = Dictionary(uniqueKeysWithValues: found.map { ($0.id, $0) })
        let missing = cohort.slides.filter { byID[$0.slide] == nil }.map(\.slide.text)
        guard missing.isEmpty else {
            let shown = missing.prefix(5).joined(separator: ", ") + (missing.count > 5 ? ", …" : "")
            throw Failure(
                .table,
                config.cohort.labels,
                "\(missing.count) labelled slide(s) are not in \(config.cohort.slides): \(shown)"
            )
        }
        entries = cohort.slides.compactMap { byID[$0.slide] }
        splits = try Self.splits(cohort, config)
    }

    private static func path(_ text: String, in folder: URL) -> URL {
        URL(filePath: text, relativeTo: folder).standardizedFileURL
    }

    private static func splits(_ cohort: Cohort, _ config: PipelineConfig) throws -> [Split] {
        let seed = config.training.seed
        guard let pattern = config.cohort.testSlides else {
            return try Splits.folds(
                config.cohort.folds,
                of: cohort,
                validationFraction: config.cohort.valFraction,
                seed: seed
            )
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
        return [try Splits.carvingValidation(from: split, of: cohort, fraction: config.cohort.valFraction, seed: seed)]
    }
}
