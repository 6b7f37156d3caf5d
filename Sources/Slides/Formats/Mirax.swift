import Files
import Foundation
import Records

extension SlideFormat {
    /// The file that is opened is a picture of the slide; levels and index lie in the folder, whose files are none that anybody
    /// would open.
    static let mirax = SlideFormat(name: "3DHISTECH MIRAX", endings: ["mrxs"], files: .withFolder)
}

/// What the ini file in a MIRAX's folder says of the other files there.
struct MiraxIndex {
    /// nil where it is not there.
    private let file: KeyFile?
    private let folder: URL

    /// nil for what is no MIRAX, or lacks its folder.
    /// - Throws: `StorageError` where the system does not give it.
    init?(of slide: URL) throws(StorageError) {
        guard SlideFormat.of(ending: slide.pathExtension) == .mirax else { return nil }
        folder = slide.deletingPathExtension()
        guard RegularFile.kind(of: folder.path) == .folder else { return nil }
        let ini = folder.appending(path: Self.iniName)
        file = try RegularFile.exists(ini) ? KeyFile(ini, mostBytes: Self.mostBytes) : nil
    }

    /// - Throws: `StorageError` where the system does not tell what lies in the folder.
    func objection() throws(StorageError) -> IndexObjection? {
        guard let file else { return .missing("\(folder.lastPathComponent)/\(Self.iniName)") }
        let counts = file.entries.filter { Self.isCount($0) }
        if let wrong = counts.first(where: { Int($0.value).map { $0 > Self.mostOfAKind } ?? false }) {
            return .content(
                "whose \(Self.iniName) has \(wrong.key) = \(wrong.value)",
                wayOut: "compare the folder with its source, and copy it again where they differ"
            )
        }
        let data = file.entries.filter { $0.group == "DATAFILE" && $0.key.hasPrefix("FILE_") && $0.key != "FILE_COUNT" }
        for name in [file["HIERARCHICAL", "INDEXFILE"]].compactMap(\.self) + data.map(\.value) {
            if name.leadsOutside { return .outside(name) }
            if try !RegularFile.exists(folder.appending(path: name)) {
                return .missing("\(folder.lastPathComponent)/\(name)")
            }
        }
        return nil
    }

    private static let iniName = "Slidedat.ini"

    private static func isCount(_ entry: KeyFile.Entry) -> Bool {
        ["FILE_COUNT", "IMAGENUMBER_X", "IMAGENUMBER_Y"].contains(entry.key)
            || entry.group == "HIERARCHICAL" && entry.key.hasSuffix("COUNT")
    }

    private static let mostBytes = 16 << 20
    /// A slide has some hundred images along a side, and some hundred files.
    private static let mostOfAKind = 1 << 20
}
