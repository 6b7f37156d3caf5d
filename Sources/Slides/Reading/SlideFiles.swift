public import Files
public import Foundation
import Records
import Storage

/// The files that make one slide: what its reader opens, and what the format keeps beside it.
public struct SlideFiles: Sendable {
    /// The slide as it was named; where that is a link and the companion files lie at its target, the target. Of a series, whichever
    /// of its files or its folder was named, the one with the first pixels.
    public let main: URL
    /// Every other file that belongs to the slide, in order: of its folder (`SlideFormat.Files.withFolder`), of its series, or named
    /// by it.
    public let companions: [URL]
    /// All that is read: the main file and its companions.
    public let all: [URL]
    /// Of the main file.
    public let bytes: Int

    /// - Parameter path: of a file, or of a folder with the files of one slide in DICOM.
    /// - Throws: `StorageError` where a file is missing or may not be read, or is no regular file: a reader would wait for ever
    ///   for what a pipe has to say; `.malformed` for a folder with several slides.
    public init(_ path: String) throws(StorageError) {
        let named = URL(filePath: path)
        if let series = try DICOMFolder.files(ofSlideAt: named), let first = series.first {
            (main, companions) = (first, Array(series.dropFirst()))
        } else {
            main = try Self.place(of: named)
            companions = try Self.companions(of: main)
        }
        bytes = try Self.size(of: main)
        for file in companions { try RegularFile.check(file) }
        all = [main] + companions
    }

    /// What a library says of them, without the folder where they lie.
    /// - Parameter file: what the main one is called in messages.
    func named(_ file: String, in text: String) -> String {
        text.replacing(main.path, with: file).replacing(main.deletingLastPathComponent().path + "/", with: "")
    }

    private static func size(of file: URL) throws(StorageError) -> Int {
        try RegularFile.check(file)
        switch RegularFile.kind(of: file.path) {
        case .regular(let bytes):
            guard access(file.path, R_OK) == 0 else { throw .system(path: file.path, call: "open", errno: errno) }
            return bytes
        case .folder: throw .system(path: file.path, call: "open", errno: EISDIR)
        case .none(let code): throw .system(path: file.path, call: "open", errno: code)
        case .other(let kind): throw .notRegular(path: file.path, kind: kind)
        }
    }

    /// Links to single files of a slide do not take its other files along; links to each of them do.
    private static func place(of file: URL) throws(StorageError) -> URL {
        let target = file.resolvingSymlinksInPath()
        guard target.path != file.path, case .regular = RegularFile.kind(of: file.path) else { return file }
        if try hasCompanions(file) { return file }
        return try hasCompanions(target) ? target : file
    }

    private static func hasCompanions(_ file: URL) throws(StorageError) -> Bool {
        switch kind(of: file) {
        case .one, .series: false
        case .withFolder: RegularFile.kind(of: folder(of: file).path) == .folder
        case .named: try !companions(of: file).isEmpty
        }
    }

    /// Those that are there: what is missing is told where the slide is opened.
    private static func companions(of file: URL) throws(StorageError) -> [URL] {
        switch kind(of: file) {
        case .one, .series: return []
        case .withFolder: return try files(in: folder(of: file))
        case .named:
            guard case .regular = RegularFile.kind(of: file.path), access(file.path, R_OK) == 0 else { return [] }
            var there: [URL] = []
            for part in try HamamatsuIndex(file).parts where !part.name.leadsOutside {
                let url = part.place(beside: file)
                // An index may spell one file in two ways.
                guard try RegularFile.exists(url) else { continue }
                if !there.contains(where: { RegularFile.areSame($0.path, url.path) }) { there.append(url) }
            }
            return there
        }
    }

    private static func kind(of file: URL) -> SlideFormat.Files {
        SlideFormat.of(ending: file.pathExtension)?.files ?? .one
    }

    private static func folder(of file: URL) -> URL { file.deletingPathExtension() }

    /// None where there is no such folder: not every slide of these formats has one.
    private static func files(in folder: URL) throws(StorageError) -> [URL] {
        switch RegularFile.kind(of: folder.path) {
        case .folder: return try FolderWalk.names(in: folder).sorted().map { folder.appending(path: $0) }
        case .none(let code) where ErrorCode(errno: code) != .notFound:
            throw .system(path: folder.path, call: "open", errno: code)
        default: return []
        }
    }
}
