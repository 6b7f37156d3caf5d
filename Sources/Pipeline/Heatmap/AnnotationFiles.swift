import Files
import Foundation
import Imaging
import Records
import Storage

/// The annotations of slides, read before any work; what of them is not used is said.
struct AnnotationFiles {
    /// By slide.
    let files: [SlideID: URL]
    private(set) var notes: [String] = []

    init(_ files: [SlideID: URL]) { self.files = files }

    /// Reads every file and hands over what it holds; adds a note on what was skipped.
    /// - Throws: `Failure` for a file that cannot be read as annotations, and what `body` throws.
    mutating func read(
        classes: [String]? = nil,
        cutting: Set<String> = AnnotatedRegions.excluded,
        _ body: (SlideID, URL, AnnotatedRegions) throws -> Void
    ) throws {
        var skipped: [(file: URL, features: SkippedFeatures)] = []
        for (slide, file) in files.sorted(by: { $0.value.path < $1.value.path }) {
            let regions: AnnotatedRegions
            do {
                regions = try AnnotatedRegions(contentsOf: file, classes: classes, cutting: cutting)
            } catch StorageError.malformed(let path, let reason) {
                throw Failure(.table, path, "no list of regions: \(reason)")
            }
            if regions.skipped.total > 0 { skipped.append((file, regions.skipped)) }
            try body(slide, file, regions)
        }
        guard !skipped.isEmpty else { return }
        let all = skipped.reduce(SkippedFeatures()) { $0 + $1.features }
        notes.append(
            "\(all.total) feature(s) in \(skipped.count) file(s) of annotations are not used (\(all.words)): "
                + skipped.map(\.file.lastPathComponent).shortened
        )
    }
}

extension AnnotatedRegions {
    /// - Parameter purpose: what a region is wanted for.
    func nothing(_ purpose: String) -> String {
        let rest = skipped.total == 0 ? "" : " (not used: \(skipped.words))"
        return "the file has no region \(purpose)\(rest); draw closed polygons"
    }
}
