public import Config
public import Files
public import Foundation
public import Records

/// `wsi init`: the values of a config for slides, features and labels that are there, each with the reason for it. Only what the
/// files tell is chosen; all else keeps its default, which the config then need not name.
public struct NewStudy: Sendable {
    /// What a person gives.
    public struct Wishes: Sendable {
        /// A folder of slides or a slide list; absolute.
        public var slides: URL?
        /// Features that are there already; absolute.
        public var features: URL?
        /// The table of labels; absolute.
        public var labels: URL
        public var slideColumn: String?
        public var caseColumn: String?
        /// One, or with labels one for each.
        public var labelColumns: [String] = []
        public var timeColumn: String?
        public var eventColumn: String?
        /// A table of slides and their cases; absolute.
        public var slideTable: URL?
        /// What is asked; nil: what the columns tell.
        public var target: Target.Kind?
        public var positive: String?
        /// he-texture-v1 or the path of an encoder's JSON; with features their encoder's name.
        public var encoder: String?
        public var model: ModelConfig.Kind?
        /// µm per pixel at level 0 of every slide, where they do not say it or are wrong.
        public var slideMPP: Double?

        public init(labels: URL) { self.labels = labels }
    }

    /// A key of the config with its value.
    public struct Choice: Equatable, Sendable {
        public var section: String?
        public var key: String
        public var value: JSONValue
        /// In a few words.
        public var reason: String
    }

    public internal(set) var choices: [Choice] = []
    /// Of slides that were looked at and cannot be worked on.
    public internal(set) var failures: [Failure] = []
    /// What a person should know of how the files were taken.
    public private(set) var notes: [String] = []
    /// Whether the labels have a column that says which part a slide is of.
    var hasSplitColumn = false
    /// Of the labels, one for each fold.
    var foldColumns: [String] = []
    /// What is asked.
    var target = Target.Kind.class
    /// µm per pixel that a neural encoder was trained at.
    private(set) var encoderMPP: Double?
    /// Paths of the config start here.
    let folder: URL
    let wishes: Wishes

    /// - Parameter folder: of the config to be.
    /// - Throws: `StudyProblems` or `Failure` where the files leave a question open, or do not make a study.
    public init(_ wishes: Wishes, in folder: URL) throws {
        self.wishes = wishes
        self.folder = URL(filePath: folder.standardizedFileURL.path, directoryHint: .isDirectory)
        guard wishes.slides != nil || wishes.features != nil else {
            throw Failure(.usage, nil, "name the slides, or with --features FOLDER features that are there already")
        }
        for url in [wishes.labels, wishes.slides, wishes.features, wishes.slideTable].compactMap({ $0 }) {
            guard case .none = RegularFile.kind(of: url.path) else { continue }
            throw Failure(.notFound, url.path, "there is no such file or folder")
        }
        chooseFiles()
        chooseModel()
        try chooseColumns()
        try chooseClasses()
        try chooseFeatures()
        try chooseFolds()
    }

    mutating func choose(_ section: String?, _ key: String, _ value: JSONValue, _ reason: String) {
        choices.removeAll { $0.section == section && $0.key == key }
        choices.append(Choice(section: section, key: key, value: value, reason: reason))
    }

    private mutating func chooseFiles() {
        choose("cohort", "labels", .string(path(wishes.labels)), "given")
        if let slides = wishes.slides { choose("cohort", "slides", .string(path(slides)), "given") }
        if let features = wishes.features {
            choose("features", "path", .string(path(features)), "given; no slide is tiled then")
        }
    }

    private mutating func chooseFeatures() throws {
        guard wishes.features == nil else {
            if let encoder = wishes.encoder { choose("features", "encoder", .string(encoder), "given, as their name") }
            return
        }
        guard let encoder = wishes.encoder else {
            return choose("features", "encoder", .string("he-texture-v1"), "built in; --encoder names another")
        }
        let choice = try EncoderChoice(encoder)
        if case .neural(let manifest, let file) = choice {
            encoderMPP = manifest.mpp
            choose("features", "encoder", .string(path(file)), "given")
        } else {
            choose("features", "encoder", .string(encoder), "given")
        }
    }

    private mutating func chooseModel() {
        let kind = wishes.model ?? .acmil
        choose(
            "model",
            "kind",
            .string(kind.rawValue),
            wishes.model == nil ? "the default; --model names another" : "given"
        )
    }

    /// As many as five, each class in every part.
    private mutating func chooseFolds() throws {
        if let first = foldColumns.first, let last = foldColumns.last {
            let which = foldColumns.count == 1 ? "the column \(first) gives" : "the columns \(first) to \(last) give"
            return choose("cohort", "splits", .string(path(wishes.labels)), "\(which) the folds")
        }
        var reading: StudyReading?
        for folds in [5, 4, 3, 2] {
            choose("cohort", "folds", .number(Double(folds)), "")
            let tried = try StudyReading(config(), in: folder)
            guard tried.problems.isEmpty else {
                reading = tried
                continue
            }
            let cases = Set(tried.cohort.slides.map(\.caseID)).count
            let unused = hasSplitColumn ? "; the column of splits is not used, cohort.splits would take it" : ""
            let reason =
                (folds == 5
                    ? "each of \(cases) cases is tested once"
                    : "with more, \(reading?.problems.first?.message ?? "a part would lack a class")") + unused
            choose("cohort", "folds", .number(Double(folds)), reason)
            return
        }
        var problems = (reading?.problems ?? []).byCause
        // Too few of a class may have files.
        if let note = reading?.notes.first(where: { $0.contains("left out") }), !problems.isEmpty {
            problems[0].message += "; \(note)"
        }
        throw StudyProblems(problems: problems)
    }

    /// The config as it is chosen so far.
    func config() throws -> PipelineConfig {
        let members = Dictionary(grouping: choices, by: \.section).map { section, choices in
            (section, Dictionary(choices.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 }))
        }
        var root: [String: JSONValue] = [:]
        for (section, values) in members {
            if let section { root[section] = .object(values) } else { root.merge(values) { $1 } }
        }
        return try JSONDecoder().decode(PipelineConfig.self, from: CanonicalJSON.data(JSONValue.object(root)))
    }

    /// The chosen keys in the order of the reference.
    /// - Throws: `StudyProblems` where `wsi check` would find something wrong.
    public mutating func checked(progress: ProgressSink = { _ in }) throws -> ConfigText {
        let config = try config()
        let reading = try StudyReading(config, in: folder)
        var problems = reading.problems
        notes = reading.notes
        if let features = wishes.features {
            progress(.began(stage: "check", units: reading.cohort.slides.count, done: 0))
            let check = FeatureCheck(features, of: reading, values: true) {
                progress(.finished(unit: $0.text, failure: nil))
            }
            problems += check.problems
            notes += check.notes
        }
        guard problems.isEmpty else { throw StudyProblems(problems: problems.byCause) }
        let chosen = Set(
            choices.flatMap { choice -> [String] in
                let path = [choice.section, choice.key].compactMap { $0 }.joined(separator: ".")
                // Of columns those that are named, without the others' null.
                guard choice.key == "columns", case .object(let columns) = choice.value else { return [path] }
                return columns.keys.map { "\(path).\($0)" }
            }
        )
        return try config.shown().keeping { chosen.contains($0) }
    }

    /// A path as the config writes it: from its folder, where that is near.
    func path(_ url: URL) -> String {
        let (own, other) = (folder.pathComponents, url.standardizedFileURL.pathComponents)
        let shared = zip(own, other).prefix { $0 == $1 }.count
        let ups = own.count - shared
        guard shared > 1, ups <= 2 else { return url.standardizedFileURL.path }
        let steps = Array(repeating: "..", count: ups) + other[shared...]
        return steps.isEmpty ? "." : steps.joined(separator: "/")
    }
}
