import Config
import Files
import Foundation
import Imaging
import Records
import Slides
import Storage

/// The files of `tiling.regions`, all of them read before any work.
struct TileRegions {
    /// By slide.
    private(set) var files: [SlideID: URL] = [:]
    private(set) var notes: [String] = []

    /// - Parameter path: one file for the one slide, or a folder of `ID.geojson`, `ID.xml` or `ID.json`; nil: no regions.
    /// - Throws: `Failure`, a usage error, for a missing path, a file that is no list of regions, several slides for one file,
    ///   or a folder without a file for any slide.
    init(_ path: String?, for entries: [SlideEntry], mode: TilingConfig.RegionsMode) throws {
        guard let path else { return }
        let url = URL(filePath: path).standardizedFileURL
        switch RegularFile.kind(of: url.path) {
        case .none(let code):
            let error = StorageError.system(path: path, call: "look", errno: code)
            throw error.code == .notFound
                ? Failure(.notFound, path, "there is no such file or folder of regions") : Failure(error)
        case .folder:
            let folder = try AnnotationFolder(url, for: entries.map(\.id))
            files = folder.files
            notes += folder.notes
            let without = entries.filter { files[$0.id] == nil }.map(\.id.text)
            if !without.isEmpty {
                notes.append(
                    "\(without.count) slide(s) have no regions and keep all their tissue: \(without.shortened)"
                )
            }
        default:
            guard entries.count == 1, let entry = entries.first else {
                throw Failure(
                    .usage,
                    path,
                    "one file of regions cannot serve \(entries.count) slides; give a folder with a file for each, ID.geojson"
                )
            }
            files[entry.id] = url
        }
        var annotations = AnnotationFiles(files)
        try annotations.read { _, file, regions in
            if regions.regions.isEmpty, regions.exclusions.isEmpty || mode == .replace {
                throw Failure(.table, file.path, regions.nothing("to take patches from"))
            }
        }
        notes += annotations.notes
    }

    /// What a slide's result depends on; nil for a slide without regions.
    func digest(_ slide: SlideID) throws -> String? { try files[slide].map { try Digest.sha256(fileAt: $0) } }
}
