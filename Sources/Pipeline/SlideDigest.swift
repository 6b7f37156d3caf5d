import Foundation
import Records
import Slides
import Storage

/// The quick digest of a slide: its file, and for formats that keep a folder beside it (MRXS) every file of that folder.
public enum SlideDigest {
    public static func quick(_ path: String) throws -> String {
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

    /// Where several tables name a slide, the newest counts.
    static func read(_ layout: JobLayout) -> SlidePaths {
        let key = URLResourceKey.contentModificationDateKey
        let files =
            (try? FileManager.default.contentsOfDirectory(
                at: folder(layout),
                includingPropertiesForKeys: [key],
                options: .skipsHiddenFiles
            )) ?? []
        let dated = files.map { ($0, (try? $0.resourceValues(forKeys: [key]).contentModificationDate) ?? .distantPast) }
        return dated.sorted { ($0.1, $0.0.path) < ($1.1, $1.0.path) }
            .compactMap { try? CanonicalJSON.read(SlidePaths.self, from: $0.0) }
            .reduce(into: SlidePaths()) { $0.slides.merge($1.slides) { $1 } }
    }

    /// Writes the table of these slides, where they are not known to lie there.
    static func record(_ entries: [SlideEntry], in layout: JobLayout) throws {
        let known = read(layout)
        guard entries.contains(where: { known.slides[$0.id.text] != $0.path }) else { return }
        let paths = SlidePaths(slides: Dictionary(uniqueKeysWithValues: entries.map { ($0.id.text, $0.path) }))
        let name = Digest.sha256(Data(paths.slides.keys.sorted().joined(separator: "\n").utf8)).prefix(16)
        try CanonicalJSON.write(paths, to: folder(layout).appending(path: "\(name).json"))
    }

    var ids: [SlideID] { slides.keys.compactMap { try? SlideID($0) } }

    /// - Throws: `Failure` naming the slide whose file is unknown or gone.
    func path(of slide: SlideID) throws -> String {
        guard let path = slides[slide.text], FileManager.default.fileExists(atPath: path) else {
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

    static func read(_ layout: JobLayout) -> FeaturePaths {
        (try? CanonicalJSON.read(FeaturePaths.self, from: file(layout))) ?? FeaturePaths()
    }

    static func record(_ path: URL?, of training: String, in layout: JobLayout) throws {
        var paths = read(layout)
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
    static func read(_ name: String, in layout: JobLayout) -> PredictionSources {
        (try? CanonicalJSON.read(PredictionSources.self, from: file(name, layout))) ?? PredictionSources()
    }

    static func add(model: URL, features: URL?, to name: String, in layout: JobLayout) throws {
        var sources = read(name, in: layout)
        let before = sources
        let (own, used) = (layout.training.appending(path: name).standardizedFileURL, model.standardizedFileURL)
        if used.path != own.path, !sources.models.contains(used.path) { sources.models.append(used.path) }
        if let features, !sources.features.contains(features.path) { sources.features.append(features.path) }
        if sources != before { try CanonicalJSON.write(sources, to: file(name, layout)) }
    }
}
