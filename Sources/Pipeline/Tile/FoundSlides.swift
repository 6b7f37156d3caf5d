import Files
import Foundation
import Records
import Slides
import Storage

/// What slides are called that nobody has named.
public enum SlideNaming: String, CaseIterable, Sendable {
    /// Their file, or of DICOM the folder.
    case file
    /// Of DICOM, what the laboratory calls the glass: only where a user asks for it, since it may tell whose it is.
    case container
}

/// The slides that some files are, each once, with what they are called. A DICOM slide is a pyramid of files, whose names mean
/// nothing: it has its folder's name, with a number in the order of their UIDs where the folder holds several.
struct FoundSlides {
    struct Slide: Equatable {
        var file: URL
        /// nil where there is no such name.
        var name: String?
    }

    private(set) var slides: [Slide] = []
    /// DICOM that is no level of a slide.
    private(set) var others = 0

    /// - Parameter areNamed: whether a user has named each file; a DICOM slide of that file alone then has its name.
    /// - Throws: `StorageError` where the machine does not give a DICOM file.
    init(_ files: [URL], _ naming: SlideNaming, areNamed: Bool = false) throws(StorageError) {
        var series: [String: Set<String>] = [:]
        for file in files {
            if DICOMFolder.isDICOM(file) {
                let file = file.standardizedFileURL
                series[file.deletingLastPathComponent().path, default: []].insert(file.lastPathComponent)
            } else {
                slides.append(Slide(file: file, name: Self.stem(file)))
            }
        }
        for (path, names) in series.sorted(by: { $0.key < $1.key }) {
            try take(DICOMFolder(URL(filePath: path)), URL(filePath: path), names, naming, areNamed)
        }
    }

    private mutating func take(
        _ folder: DICOMFolder,
        _ url: URL,
        _ names: Set<String>,
        _ naming: SlideNaming,
        _ areNamed: Bool
    ) throws(StorageError) {
        for (index, pyramid) in folder.pyramids.enumerated() {
            guard let file = pyramid.files.first,
                pyramid.files.contains(where: { names.contains($0.lastPathComponent) })
            else { continue }
            let name: String? =
                if naming == .container { try DICOMFolder.container(file) } else if areNamed && pyramid.files.count == 1
                { Self.stem(file) } else { url.lastPathComponent + (folder.pyramids.count == 1 ? "" : "_\(index + 1)") }
            slides.append(Slide(file: file, name: name))
        }
        // What is wrong with one is said when it is opened; so is what else a file is that was named.
        var alone = folder.broken
        if areNamed { alone += folder.others } else { others += folder.others.count }
        var taken = alone.filter { names.contains($0.lastPathComponent) }
        if areNamed {
            // A hidden file is in no folder's list.
            let known = Set((folder.pyramids.flatMap(\.files) + alone).map(\.lastPathComponent))
            taken += names.subtracting(known).sorted().map { url.appending(path: $0) }
        }
        slides += taken.map { Slide(file: $0, name: Self.stem($0)) }
    }

    /// The slide of a path in a list: a file, or a folder of one DICOM slide; nil for another folder.
    /// - Throws: `StorageError` where the machine does not give a DICOM file.
    static func named(_ url: URL, _ naming: SlideNaming) throws(StorageError) -> Slide? {
        guard RegularFile.kind(of: url.path) == .folder else {
            return try FoundSlides([url], naming, areNamed: true).slides.first
        }
        let folder = try DICOMFolder(url)
        guard folder.pyramids.count == 1, let file = folder.pyramids[0].files.first else { return nil }
        return try FoundSlides([file], naming).slides.first
    }

    private static func stem(_ file: URL) -> String { file.deletingPathExtension().lastPathComponent }
}
