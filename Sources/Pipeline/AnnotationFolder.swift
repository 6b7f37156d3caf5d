import Foundation
import Records
import Storage

/// A folder with a file of annotations for each slide.
struct AnnotationFolder {
    /// By slide.
    private(set) var files: [SlideID: URL] = [:]
    private(set) var notes: [String] = []

    /// - Parameter folder: with `ID.geojson`, `ID.xml` or `ID.json` for a slide; the first of several is taken.
    /// - Throws: `Failure` where the folder cannot be listed or has no file for any of the slides.
    init(_ folder: URL, for slides: [SlideID]) throws {
        let found: [URL]
        do {
            found = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        } catch { throw Failure(.notFound, folder.path, "this folder of annotations cannot be read") }
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
}
