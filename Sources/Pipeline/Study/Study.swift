public import Config
public import Foundation
public import Records
import Storage

/// A config with its files found: what every stage of a run works on.
public struct Study: Sendable {
    public var config: PipelineConfig
    /// The config file's folder, which its relative paths start from.
    public var folder: URL
    public var cohort: Cohort
    /// Every slide of the cohort, in its order; empty where features come from elsewhere and no slides are named.
    public var entries: [SlideEntry]
    /// Slides that were found and cannot be worked on.
    public var leftOut: [LeftOutFiles]
    public var splits: [Split]
    /// What a reader should know of how the files were taken.
    public var notes: [String]
    /// Of those: how many trainings its search makes; empty without one.
    public var searchNotes: [String]
    /// Whether features of differing scale are gone on with.
    public var allowsScaleMismatch: Bool
    /// The client's command that the config names. It is not in `config`, which trainings keep a copy of.
    public var command: StudyCommand?
    /// Feature files that are there already; nil where the job makes them.
    var features: Features?

    /// Reads and checks everything that the config names, before any work.
    /// - Throws: `ConfigError` for the config itself, `StudyProblems` with all that is wrong in the files it names.
    public init(config url: URL, overrides: StudyOverrides = StudyOverrides()) throws {
        let reading = try StudyReading(config: url, overrides: overrides)
        allowsScaleMismatch = overrides.allowsScaleMismatch
        var problems = reading.problems
        (config, folder, cohort) = (reading.config, reading.folder, reading.cohort)
        (entries, leftOut) = (reading.entries, reading.leftOut)
        (splits, notes) = (reading.splits, reading.notes)
        command = StudyCommand(config.stage, of: url)
        config.stage = nil
        notes += [reading.labels.order.text].compactMap { $0 } + TargetChecks.notes(of: reading)
        problems += TargetChecks.problems(of: reading) + SearchChecks.problems(of: reading)
        problems += FoldChecks.problems(of: reading)
        searchNotes = SearchChecks.notes(of: reading)
        notes += FoldChecks.notes(of: reading) + searchNotes
        if let path = config.features.path {
            let check = FeatureCheck(StudyReading.path(path, in: folder), of: reading, values: false) { _ in }
            problems += check.problems
            notes += check.notes
            features = check.features
        }
        guard problems.isEmpty else { throw StudyProblems(problems: problems.byCause) }
    }

    /// Where the features that the config names lie.
    var featurePath: URL? { config.features.path.map { StudyReading.path($0, in: folder) } }
}

/// What flags of a command say instead of the config.
public struct StudyOverrides: Sendable {
    /// In place of `training.seed` and `training.seeds`.
    public var seed: UInt64?
    /// Whether `training.seeds` stays as it is where there is one.
    public var keepsSeeds: Bool
    /// In place of `tiling.slide_mpp`.
    public var slideMPP: Double?
    /// In place of `tiling.mpp_csv`.
    public var mppTable: URL?
    /// In place of the keys of `tiling` that say how slides are read.
    public var reading: ReadingChanges
    /// Go on with features of differing scale.
    public var allowsScaleMismatch: Bool
    /// What slides are called.
    public var naming: SlideNaming

    public init(
        seed: UInt64? = nil,
        keepsSeeds: Bool = false,
        slideMPP: Double? = nil,
        mppTable: URL? = nil,
        reading: ReadingChanges = ReadingChanges(),
        allowsScaleMismatch: Bool = false,
        naming: SlideNaming = .file
    ) {
        (self.seed, self.keepsSeeds) = (seed, keepsSeeds)
        (self.slideMPP, self.mppTable, self.reading) = (slideMPP, mppTable, reading)
        (self.allowsScaleMismatch, self.naming) = (allowsScaleMismatch, naming)
    }

    /// - Throws: `ConfigError` for a value out of range, or for slides that are not tiled.
    func apply(to config: inout PipelineConfig) throws {
        if let seed, !(keepsSeeds && config.training.seeds != nil) {
            config.training.seed = seed
            config.training.seeds = nil
        }
        let scale: TilingConfig.CodingKeys? = slideMPP != nil ? .slideMPP : mppTable.map { _ in .mppCSV }
        guard let key = scale ?? reading.key else { return }
        try ConfigError.check(
            config.features.path == nil,
            "tiling.\(key.stringValue)",
            "no slide is tiled, since features.path names features that are there; leave this out"
        )
        if let slideMPP { config.tiling.slideMPP = slideMPP }
        reading.apply(to: &config.tiling)
        try config.tiling.validate()
    }
}
