import Foundation
import Records
import Slides
import Storage

/// The quick digest of a slide: its file, and for formats that keep a folder beside it (MRXS) every file of that folder.
public enum SlideDigest {
    /// - Throws: `StorageError`; of the machine only where it fails twice.
    public static func quick(_ path: String) throws -> String {
        try StorageError.retrying { try once(path) }
    }

    private static func once(_ path: String) throws -> String {
        let files = try SlideFiles(path)
        let own = try Digest.quick(fileAt: files.main)
        guard !files.companions.isEmpty else { return own }
        let parts = try files.companions.map { "\($0.lastPathComponent) \(try Digest.quick(fileAt: $0))" }
        return Digest.sha256(Data(([own] + parts).joined(separator: "\n").utf8))
    }
}

/// Where the slides of a job lie: `JOB/audit/slides/…json`. Paths stay out of every other file of a job.
///
/// A table for each set of slides that a command was given: commands that work on parts of a cohort beside each other then
/// never replace each other's.
struct SlidePaths: Codable {
    var slides: [String: String] = [:]

    private static func folder(_ layout: JobLayout) -> URL { layout.audit.appending(path: "slides") }

    /// Where several tables name a slide, the newest counts. One that is damaged is passed over.
    /// - Throws: `StorageError.system` where the machine does not give a table that is there.
    static func read(_ layout: JobLayout) throws -> SlidePaths {
        let folder = folder(layout)
        let tables = try FolderWalk.names(in: folder).filter { !$0.hasPrefix(".") }.map { name in
            let file = folder.appending(path: name)
            return (written: FileFacts(file.path)?.written ?? 0, file: file)
        }
        return try tables.sorted { ($0.written, $0.file.path) < ($1.written, $1.file.path) }
            .compactMap { try CanonicalJSON.readUndamaged(SlidePaths.self, from: $0.file) }
            .reduce(into: SlidePaths()) { $0.slides.merge($1.slides) { $1 } }
    }

    /// Writes the table of these slides, where they are not known to lie there.
    static func record(_ entries: [SlideEntry], in layout: JobLayout) throws {
        let known = try read(layout)
        guard entries.contains(where: { known.slides[$0.id.text] != $0.path }) else { return }
        let paths = SlidePaths(slides: Dictionary(uniqueKeysWithValues: entries.map { ($0.id.text, $0.path) }))
        let name = Digest.sha256(Data(paths.slides.keys.sorted().joined(separator: "\n").utf8)).prefix(16)
        try CanonicalJSON.write(paths, to: folder(layout).appending(path: "\(name).json"))
    }

    var ids: [SlideID] { slides.keys.compactMap { try? SlideID($0) } }

    /// - Throws: `Failure` naming the slide whose file is unknown or gone, or cannot be looked at.
    func path(of slide: SlideID) throws -> String {
        let path = slides[slide.text]
        let isThere: Bool
        do { isThere = try path.map { try RegularFile.exists(URL(filePath: $0)) } ?? false } catch {
            throw Failure((error as? StorageError)?.code ?? .io, slide.text, "its file: \(Failure(error).message)")
        }
        guard let path, isThere else {
            throw Failure(
                .notFound,
                slide.text,
                "the slide's file is not known in this job, or not where it was; run wsi tile with its place"
            )
        }
        return path
    }
}

/// Where the foreign features of a job's trainings lie: `JOB/audit/features.json`.
struct FeaturePaths: Codable {
    /// By the training's name.
    var trainings: [String: String] = [:]

    private static func file(_ layout: JobLayout) -> URL { layout.audit.appending(path: "features.json") }

    /// - Throws: `StorageError.system` where the machine does not give the file that is there.
    static func read(_ layout: JobLayout) throws -> FeaturePaths {
        try CanonicalJSON.readUndamaged(FeaturePaths.self, from: file(layout)) ?? FeaturePaths()
    }

    static func record(_ path: URL?, of training: String, in layout: JobLayout) throws {
        var paths = try read(layout)
        guard let path, paths.trainings[training] != path.path else { return }
        paths.trainings[training] = path.path
        try CanonicalJSON.write(paths, to: file(layout))
    }
}

/// What predictions of a job were made with from outside of it: `JOB/audit/predictions/<name>.json`. What is of the job itself,
/// under the name of the predictions, is not in it.
struct PredictionSources: Codable, Equatable {
    /// Folders of trainings.
    var models: [String] = []
    /// Folders or files of another tool's features.
    var features: [String] = []

    private static func file(_ name: String, _ layout: JobLayout) -> URL {
        layout.audit.appending(path: "predictions/\(name).json")
    }

    /// - Parameter name: of the predictions.
    /// - Throws: `StorageError.system` where the machine does not give the file that is there.
    static func read(_ name: String, in layout: JobLayout) throws -> PredictionSources {
        try CanonicalJSON.readUndamaged(PredictionSources.self, from: file(name, layout)) ?? PredictionSources()
    }

    static func add(model: URL, features: URL?, to name: String, in layout: JobLayout) throws {
        var sources = try read(name, in: layout)
        let before = sources
        let (own, used) = (layout.training.appending(path: name).standardizedFileURL, model.standardizedFileURL)
        if used.path != own.path, !sources.models.contains(used.path) { sources.models.append(used.path) }
        if let features, !sources.features.contains(features.path) { sources.features.append(features.path) }
        if sources != before { try CanonicalJSON.write(sources, to: file(name, layout)) }
    }
}
