import Files
import Foundation
import Records
import Storage

/// Where the slides of a job lie: `JOB/audit/slides/…json`. Paths stay out of every other file of a job.
///
/// A table for each set of slides that a command was given: commands that work on parts of a cohort beside each other then
/// never replace each other's.
struct SlidePaths: Codable {
    var slides: [String: String] = [:]

    private static func folder(_ layout: JobLayout) -> URL { layout.audit(.slides) }

    /// Where several tables name a slide, the newest counts. One that is damaged is passed over.
    /// - Throws: `StorageError.system` where the machine does not give a table that is there.
    static func read(_ layout: JobLayout) throws -> SlidePaths {
        try AuditFiles.oldestFirst(in: folder(layout))
            .compactMap { try CanonicalJSON.readUndamaged(SlidePaths.self, from: $0) }
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

    /// Those that are known.
    func places(of slides: some Sequence<SlideID>) -> [(slide: SlideID, place: String)] {
        slides.compactMap { slide in self.slides[slide.text].map { (slide, $0) } }
    }

    /// An address of a slide that no path leads to is given as it is.
    /// - Throws: `Failure` naming the slide whose file is unknown or gone, or cannot be looked at.
    func path(of slide: SlideID) throws -> String {
        let path = slides[slide.text]
        if let path, RemoteAddress(path) != nil { return path }
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
