import Files
import Foundation
import Records
import Storage

/// The feature files that a training or prediction uses, by slide.
struct Features: Sendable {
    var files: [SlideID: URL] = [:]
    /// Changes when the file's content does.
    var versions: [SlideID: String] = [:]
    /// Of the encoder, as the files or the config tell; nil for those of the job, whose encoder the config names.
    var name: String?

    /// What most of the files say; known where they were looked at.
    var facts: PatchFacts?
    /// D of most of the files; known where they were looked at.
    var width: Int?

    /// Of the slides that they were made from, as the job has tiled them; the same for the same file.
    private(set) var slideDigests: [SlideID: String] = [:]

    /// Slides with features that are not those of their patches as they are now, or of which nobody knows.
    private(set) var refused: [SlideID: Refusal] = [:]
    /// What is on record of the job's own, and where.
    private var records: [SlideID: Outcome] = [:]
    private var layout: JobLayout?
    private var scrutiny = Scrutiny.digest

    init(files: [SlideID: URL] = [:], name: String? = nil) {
        self.files = files
        self.name = name
    }

    /// The features that a job has made, as far as its records tell; the files are not looked at before `refusal(of:)`. A slide
    /// that is empty, or that could not be tiled or encoded, has none.
    /// - Parameter seen: files that were compared with their records before; nil compares all.
    static func read(_ layout: JobLayout, encoder: String, seen: SeenFiles? = nil) throws -> Features {
        var features = Features()
        features.layout = layout
        features.scrutiny = seen.map { .touched($0, in: layout) } ?? .digest
        let stage = StageName.features(encoder)
        let made = try Stage.outcomes(stage: stage, in: layout)
        let tiled = Dictionary(
            try Stage.outcomes(stage: StageName.tile, in: layout).map { ($0.slide, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        func refuse(_ slide: SlideID, _ reason: String, _ remedy: String) {
            features.refused[slide] = Refusal(unit: UnitID(slide), cause: .age, reason: reason, remedy: remedy)
        }
        func file(_ slide: SlideID, in grid: String) -> URL {
            layout.features(in: layout.grid(grid), encoder: encoder, slide)
        }
        for outcome in made where outcome.status == .ok {
            let slide = outcome.slide
            guard let grid = outcome[.grid] else { continue }
            guard let tile = tiled[slide] else {
                refuse(slide, "nothing is on record of its patches", "run \(layout.command(of: StageName.tile))")
                continue
            }
            guard tile.hasResult else { continue }
            guard try tile.version() == outcome.fingerprint[.patches] else {
                refuse(
                    slide,
                    "its features of \(encoder) are of other patches than it has now",
                    "run \(layout.command(of: stage)) --redo"
                )
                continue
            }
            features.files[slide] = file(slide, in: grid)
            features.slideDigests[slide] = tile.fingerprint[.slide]
            features.versions[slide] = try outcome.version()
            features.records[slide] = outcome
        }
        let known = Set(made.map(\.slide))
        for (slide, tile) in tiled where tile.hasResult && !known.contains(slide) {
            guard let grid = tile[.grid], try RegularFile.exists(file(slide, in: grid)) else { continue }
            refuse(
                slide,
                "nothing is on record of its features of \(encoder)",
                "run \(layout.command(of: stage))"
            )
        }
        return features
    }

    /// Why the features of a slide cannot be used; nil where they can, and where there are none or they come from another tool.
    /// - Parameter scrutiny: how its file is compared with its record; nil as was said when they were read.
    func refusal(of slide: SlideID, _ scrutiny: Scrutiny? = nil) throws -> Refusal? {
        if let refusal = refused[slide] { return refusal }
        guard let layout else { return nil }
        return try records[slide]?.refusal(in: layout, scrutiny ?? self.scrutiny)
    }

    /// Whether another tool has made them, or another job.
    var areForeign: Bool { layout == nil }

    /// - Throws: `Failure` where features of these slides are there and cannot be used.
    func check(_ slides: some Sequence<SlideID>, _ scrutiny: Scrutiny? = nil) throws {
        let refusals = try slides.compactMap { try refusal(of: $0, scrutiny) }
        if let failure = Refusal.failure(refusals) { throw failure }
    }

    /// These slides alone, each with the quick digest of its file as the version.
    /// - Throws: `StorageError` where the machine does not give a file: it is not known then which one it is.
    func digested(_ slides: some Sequence<SlideID>, in layout: JobLayout, _ seen: SeenFiles) throws -> Features {
        var features = Features(name: name)
        (features.facts, features.width) = (facts, width)
        var digests: [URL: String] = [:]
        for slide in slides {
            guard let file = files[slide] else { continue }
            let digest =
                try digests[file] ?? TileStage.orUnreadable { try seen.digest(of: file, as: file.path, in: layout) }
            digests[file] = digest
            features.files[slide] = file
            features.versions[slide] = digest
        }
        return features
    }

    /// Who made them, as far as it is known.
    var identity: EncoderIdentity {
        EncoderIdentity(
            name: name ?? "unknown",
            digest: facts?.encoder.digest ?? "unknown",
            width: width ?? 0,
            input: nil,
            licence: facts?.encoder.licence ?? "unknown",
            preprocessing: facts?.encoder.preprocessing
        )
    }
}

/// Features that another tool has left: a folder with one file per slide, searched with its subfolders, or one file for all.
/// A file is its slide's by its name, as `SlideNames` finds it.
struct FeatureFolder {
    private let names: NamedFiles

    static let extensions: Set<String> = ["h5", "hdf5", "pt", "pth", "safetensors"]

    /// - Throws: `Failure` for a path that is not there, `StorageError` for a folder that cannot be looked into, one that lacks
    ///   its files because a link leads nowhere, or one file that cannot be read.
    init(_ path: URL) throws {
        switch RegularFile.kind(of: path.path) {
        case .none: throw Failure(.notFound, path.path, "there is no such file or folder of features")
        case .folder: names = NamedFiles(in: path, endings: Self.extensions)
        default: names = NamedFiles(names: try FeatureFile.slides(in: path), of: path)
        }
        if let failure = names.failures.first { throw failure }
    }

    var notes: [String] { names.notes }

    /// Every slide that a file may be of, by the names of the files alone.
    var slides: [SlideID] { names.slides }

    /// The files of known slides.
    struct Matched {
        var files: [SlideID: URL] = [:]
        /// Slides with more than one file.
        var clashes: [(slide: SlideID, files: [URL])] = []
        /// Files of other slides.
        var strangers: [SlideID: URL] = [:]
        /// Files whose names cannot be ids of slides.
        var unsafe: [String] = []

        /// Those of other slides by the ids that their names are.
        var all: [SlideID: URL] { files.merging(strangers) { file, _ in file } }
    }

    func matched(to slides: some Sequence<SlideID>) -> Matched {
        let found = names.matched(to: slides)
        var matched = Matched(files: found.files.compactMapValues(\.first), unsafe: found.unsafe.sorted())
        matched.strangers = found.strangers.compactMapValues(\.first)
        matched.clashes = found.files.merging(found.strangers) { $0 + $1 }.filter { $0.value.count > 1 }
            .map { ($0.key, $0.value) }.sorted { $0.0 < $1.0 }
        return matched
    }
}
