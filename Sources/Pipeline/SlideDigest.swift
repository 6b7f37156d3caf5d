import Foundation
import Records
import Storage

/// The quick digest of a slide: its file, and for formats that keep a folder beside it (MRXS) every file of that folder.
enum SlideDigest {
    static func quick(_ path: String) throws -> String {
        let url = URL(filePath: path)
        let own = try Digest.quick(fileAt: url)
        let companion = url.deletingPathExtension()
        var isFolder: ObjCBool = false
        guard ["mrxs", "vms", "vmu"].contains(url.pathExtension.lowercased()),
            FileManager.default.fileExists(atPath: companion.path, isDirectory: &isFolder), isFolder.boolValue
        else { return own }
        let names = try FileManager.default.contentsOfDirectory(atPath: companion.path).sorted()
        let parts = try names.map { "\($0) \(try Digest.quick(fileAt: companion.appending(path: $0)))" }
        return Digest.sha256(Data(([own] + parts).joined(separator: "\n").utf8))
    }
}

/// Where the slides of a job lie: `JOB/audit/slides.json`. Paths stay out of every other file of a job.
struct SlidePaths: Codable {
    var slides: [String: String] = [:]

    static func read(_ layout: JobLayout) -> SlidePaths {
        (try? CanonicalJSON.read(SlidePaths.self, from: layout.audit.appending(path: "slides.json"))) ?? SlidePaths()
    }

    /// Adds the entries and writes the table again.
    static func record(_ entries: [SlideEntry], in layout: JobLayout) throws {
        var paths = read(layout)
        let before = paths.slides
        for entry in entries { paths.slides[entry.id.text] = entry.path }
        if paths.slides != before { try CanonicalJSON.write(paths, to: layout.audit.appending(path: "slides.json")) }
    }

    /// - Throws: `Failure` naming the slide whose file is unknown or gone.
    func path(of slide: SlideID) throws -> String {
        guard let path = slides[slide.text], FileManager.default.fileExists(atPath: path) else {
            throw Failure(
                .notFound,
                slide.text,
                "the slide's file is not where it was tiled from; run wsi tile again with its new place"
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
