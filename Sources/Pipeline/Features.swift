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
    func digested(_ slides: some Sequence<SlideID>) throws -> Features {
        var features = Features(name: name)
        var digests: [URL: String] = [:]
        for slide in slides {
            guard let file = files[slide] else { continue }
            let digest = try digests[file] ?? Digest.quick(fileAt: file)
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
/// A file is its slide's by its name without extension, to the letter.
struct FeatureFolder {
    private(set) var files: [SlideID: URL] = [:]
    /// Slides with more than one file.
    private(set) var clashes: [(slide: SlideID, files: [URL])] = []

    private static let extensions: Set<String> = ["h5", "hdf5", "pt", "pth", "safetensors"]

    init(_ path: URL) throws {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path.path, isDirectory: &isFolder) else {
            throw Failure(.notFound, path.path, "there is no such file or folder of features")
        }
        guard isFolder.boolValue else {
            for name in try FeatureFile.slides(in: path) {
                if let slide = try? SlideID(name) { files[slide] = path }
            }
            return
        }
        let walker = FileManager.default.enumerator(
            at: path,
            includingPropertiesForKeys: nil,
            options: .skipsHiddenFiles
        )
        let found = (walker?.compactMap { $0 as? URL } ?? []).filter { Self.extensions.contains($0.pathExtension) }
        // Files whose name is no slide's are none of the cohort.
        let bySlide = Dictionary(grouping: found) { try? SlideID($0.deletingPathExtension().lastPathComponent) }
        for case (let slide?, let urls) in bySlide {
            let sorted = urls.map(\.standardizedFileURL).sorted { $0.path < $1.path }
            files[slide] = sorted[0]
            if sorted.count > 1 { clashes.append((slide, sorted)) }
        }
        clashes.sort { $0.slide < $1.slide }
    }
}
