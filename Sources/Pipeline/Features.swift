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

    /// Slides whose features are there and belong to their patches as they are now; an empty slide has none to learn from.
    static func read(_ layout: JobLayout, encoder: String) throws -> Features {
        var features = Features()
        for outcome in try Stage.outcomes(stage: FeatureStage.name(encoder: encoder), in: layout)
        where outcome.status == .ok {
            let tiled = Stage.outcome(of: outcome.unit, stage: TileStage.name, in: layout)
            guard let grid = outcome.facts["grid"], let tiled, tiled.hasResult,
                try tiled.version() == outcome.fingerprint.inputs["patches"], try outcome.isIntact(in: layout)
            else { continue }
            features.files[outcome.unit] = layout.features(
                in: layout.root.appending(path: grid),
                encoder: encoder,
                outcome.unit
            )
            features.versions[outcome.unit] = try outcome.version()
        }
        return features
    }

    /// These slides alone, each with the quick digest of its file as the version.
    func digested(_ slides: some Sequence<SlideID>) -> Features {
        var features = Features(name: name)
        var digests: [URL: String] = [:]
        for slide in slides {
            guard let file = files[slide] else { continue }
            // A file that cannot be read fails alone, where it is used.
            let digest = digests[file] ?? (try? Digest.quick(fileAt: file)) ?? TileStage.unreadable
            digests[file] = digest
            features.files[slide] = file
            features.versions[slide] = digest
        }
        return features
    }

    /// Who made them, as far as it is known.
    var identity: EncoderIdentity {
        EncoderIdentity(name: name ?? "unknown", digest: "unknown", width: 0, input: nil, licence: "unknown")
    }
}

/// Features that another tool has left: a folder with one file per slide, searched with its subfolders, or one file for all.
/// A file is its slide's by its name, as `SlideNames` finds it.
struct FeatureFolder {
    private let names: NamedFiles

    private static let extensions: Set<String> = ["h5", "hdf5", "pt", "pth", "safetensors"]

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
