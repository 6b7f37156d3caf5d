import Foundation
import Records
import Storage

/// Which file of annotations is whose, and what a person should know about what these hold.
struct AnnotationFiles {
    /// By slide.
    private(set) var files: [SlideID: URL] = [:]
    private(set) var notes: [String] = []

    /// - Parameter folder: with `ID.geojson`, `ID.xml` or `ID.json` for a slide; the first of several is taken.
    /// - Throws: `Failure` where the folder cannot be listed or has no file for any of the slides.
    init(in folder: URL, for slides: [SlideID]) throws {
        let found = try StorageError.listing(folder)
        let endings = AnnotatedRegions.fileEndings
        var byName: [String: [(rank: Int, file: URL)]] = [:]
        for file in found {
            guard let rank = endings.firstIndex(of: file.pathExtension.lowercased()) else { continue }
            var name = file.deletingPathExtension()
            // NDP.view keeps the slide's ending: slide.ndpi.ndpa.
            if file.pathExtension.lowercased() == "ndpa", name.pathExtension.lowercased() == "ndpi" {
                name.deletePathExtension()
            }
            byName[name.lastPathComponent, default: []].append((rank, file))
        }
        var several: [String] = []
        for slide in slides {
            let choice = (byName[slide.text] ?? []).sorted { ($0.rank, $0.file.path) < ($1.rank, $1.file.path) }
            guard let first = choice.first?.file else { continue }
            files[slide] = first
            if choice.count > 1 {
                let others = choice.dropFirst().map(\.file.lastPathComponent).joined(separator: ", ")
                several.append("\(first.lastPathComponent), not \(others)")
            }
        }
        guard !files.isEmpty else {
            throw Failure(.notFound, folder.path, "no ID.geojson, ID.xml or ID.json here for any of the slides")
        }
        if !several.isEmpty {
            notes.append(
                "\(several.count) slide(s) have several files of annotations, of which one is read: \(several.shortened)"
            )
        }
    }

    /// One file for one slide.
    init(_ file: URL, of slide: SlideID) { files[slide] = file }

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

extension StorageError {
    /// What lies in a folder.
    fileprivate static func listing(_ folder: URL) throws -> [URL] {
        do {
            return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        } catch { throw Failure(.notFound, folder.path, "this folder of annotations cannot be read") }
    }
}
