import Foundation
import Records
import Storage

/// Files of outlined regions that a user has named by slide, in a folder and its subfolders.
struct RegionFolder {
    /// By slide.
    private(set) var files: [SlideID: URL] = [:]
    private(set) var notes: [String]

    /// - Parameters:
    ///   - slides: those that regions are wanted of.
    ///   - of: what these are, for messages, such as `predicted`.
    /// - Throws: `Failure`, a usage error, where no file is of any of them, or two files are of one; `StorageError` for a
    ///   folder that cannot be looked into.
    init(_ folder: URL, for slides: [SlideID], of what: String = "") throws {
        let endings = AnnotatedRegions.fileEndings
        let named = NamedFiles(in: folder, endings: endings)
        if let failure = named.failures.first { throw failure }
        notes = named.notes
        let matched = named.matched(to: slides)
        for (slide, files) in matched.files {
            // Beside each other, one drawing may well stand in several forms.
            let places = Set(files.map { $0.deletingLastPathComponent().path })
            guard places.count == 1 else {
                let paths = files.map(\.path).joined(separator: " and ")
                throw Failure(
                    .usage,
                    slide.text,
                    "two files have its regions: \(paths); name the folder of one of them"
                )
            }
            self.files[slide] = files.min { Self.rank($0, endings) < Self.rank($1, endings) }
        }
        let strangers = matched.strangers.keys.map(\.text) + matched.unsafe
        let hint = NameHint.text(strangers, slides: slides.filter { self.files[$0] == nil })
        let kind = what.isEmpty ? "" : "\(what) "
        guard !files.isEmpty else {
            throw Failure(
                .notFound,
                folder.path,
                "no ID.geojson, ID.xml or ID.json here for any \(kind)slide" + (hint.map { "; \($0)" } ?? "")
            )
        }
        guard !strangers.isEmpty else { return }
        notes.append(
            "\(folder.path): \(strangers.count) file(s) are of no \(kind)slide: \(strangers.sorted().shortened)"
                + (hint.map { "; \($0)" } ?? "")
        )
    }

    private static func rank(_ file: URL, _ endings: [String]) -> Int {
        endings.firstIndex(of: file.pathExtension.lowercased()) ?? endings.count
    }
}
