public import Files
public import Foundation
import Records
import Storage

/// The files that make one slide: what its reader opens, and what the format keeps beside it.
public struct SlideFiles: Sendable {
    /// The slide as it was named; where that is a link and the companion files lie at its target, the target.
    public let main: URL
    /// Every file of the folder that belongs to the slide (`SlideFormat.Files.withFolder`), sorted.
    public let companions: [URL]
    /// All that is read: the main file, its companions, the other files of its series.
    public let all: [URL]
    /// Of the main file.
    public let bytes: Int

    /// - Throws: `StorageError` where a file is missing or may not be read, or is no regular file: a reader would wait for ever
    ///   for what a pipe has to say.
    public init(_ path: String) throws(StorageError) {
        main = try Self.place(of: URL(filePath: path))
        bytes = try Self.size(of: main)
        let kind = Self.kind(of: main)
        companions = kind.hasFolder ? try Self.files(in: Self.folder(of: main)) : []
        let opened = kind == .series ? try Self.files(in: main.deletingLastPathComponent()) : companions
        for file in opened { try RegularFile.check(file) }
        all = [main] + opened.filter { [main] in $0 != main }
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
        guard target.path != file.path else { return file }
        if kind(of: file).hasFolder {
            let isWhole = RegularFile.kind(of: folder(of: file).path) == .folder
            return !isWhole && RegularFile.kind(of: folder(of: target).path) == .folder ? target : file
        }
        guard kind(of: file) == .series else { return file }
        return try seriesSize(beside: target) > seriesSize(beside: file) ? target : file
    }

    private static func kind(of file: URL) -> SlideFormat.Files {
        SlideFormat.of(ending: file.pathExtension)?.files ?? .one
    }

    private static func seriesSize(beside file: URL) throws(StorageError) -> Int {
        try files(in: file.deletingLastPathComponent()).count { kind(of: $0) == .series }
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
