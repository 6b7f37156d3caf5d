import Foundation
import Imaging
import Records
import Storage

/// Files of annotations that a user has named by slide, in a folder and its subfolders.
struct AnnotationFolder {
    /// By slide.
    private(set) var files: [SlideID: URL] = [:]
    private(set) var notes: [String]

    /// - Parameter folder: with `ID.geojson`, `ID.xml` or `ID.json` for a slide; the first of several beside each other is
    ///   taken.
    /// - Throws: `Failure`, a usage error, where a folder cannot be listed, no file is of any of the slides, or files in two
    ///   folders are of one.
    init(_ folder: URL, for slides: [SlideID]) throws {
        let endings = AnnotatedRegions.fileEndings
        let named = NamedFiles(in: folder, endings: endings)
        if let failure = named.failures.first { throw failure }
        notes = named.notes
        let matched = named.matched(to: slides)
        var several: [String] = []
        for (slide, found) in matched.files.sorted(by: { $0.key < $1.key }) {
            guard Set(found.map { $0.deletingLastPathComponent().path }).count == 1 else {
                let paths = found.map(\.path).joined(separator: " and ")
                throw Failure(
                    .usage,
                    slide.text,
                    "two files have its regions: \(paths); name the folder of one of them"
                )
            }
            let choice = found.sorted { (Self.rank($0, endings), $0.path) < (Self.rank($1, endings), $1.path) }
            files[slide] = choice.first
            if choice.count > 1 {
                let others = choice.dropFirst().map(\.lastPathComponent).joined(separator: ", ")
                several.append("\(choice[0].lastPathComponent), not \(others)")
            }
        }
        let strangers = (matched.strangers.keys.map(\.text) + matched.unsafe).sorted()
        let hint = NameHint.text(strangers, slides: slides.filter { files[$0] == nil }).map { "; \($0)" } ?? ""
        guard !files.isEmpty else {
            let what = "no \(AnnotatedRegions.fileNames) here for any of the slides"
            throw Failure(.notFound, folder.path, what + hint)
        }
        if !several.isEmpty {
            notes.append(
                "\(several.count) slide(s) have several files of annotations, of which one is read: \(several.shortened)"
            )
        }
        guard !strangers.isEmpty else { return }
        notes.append("\(folder.path): \(strangers.count) file(s) are of no slide here: \(strangers.shortened)\(hint)")
    }

    private static func rank(_ file: URL, _ endings: [String]) -> Int {
        endings.firstIndex(of: file.pathExtension.lowercased()) ?? endings.count
    }
}
