import Files
import Foundation
import Records
import Slides

/// Copies slides that a path leads to, each with all files that make it.
struct FileCopier: SlideCopier {
    private static let piece = 4 << 20

    func bytes(of origin: SlideOrigin) async throws -> Int? {
        guard case .path(let path) = origin else { return nil }
        return try await BlockingWork.run { _ in
            try SlideFiles(path).all.reduce(0) { sum, file in
                let (bytes, isTooMuch) = sum.addingReportingOverflow(try RegularFile.size(file))
                return isTooMuch ? .max : bytes
            }
        }
    }

    func copy(
        _ origin: SlideOrigin,
        of slide: SlideID,
        into folder: URL,
        grown: @escaping @Sendable (Int) -> Bool
    ) async throws -> URL {
        guard case .path(let path) = origin else { throw Failure(.bug, slide.text, "no path leads to this slide") }
        return try await BlockingWork.run { work in
            let files = try SlideFiles(path)
            let base = files.main.deletingLastPathComponent().path + "/"
            var done = 0
            for file in files.all {
                // The names, and the folder of some of them, are what the reader finds them by.
                guard file.path.hasPrefix(base) else {
                    throw Failure(.notFound, slide.text, "its files lie in several places; name it without --stage")
                }
                let target = folder.appending(path: String(file.path.dropFirst(base.count)))
                try Self.copy(file, to: target, of: slide, work) { bytes in
                    done += bytes
                    return grown(done)
                }
            }
            return folder.appending(path: files.main.lastPathComponent)
        }
    }

    private static func copy(
        _ file: URL,
        to target: URL,
        of slide: SlideID,
        _ work: BlockingWork,
        _ added: (Int) -> Bool
    ) throws {
        let source = try OpenFile(file)
        do {
            try AtomicFile.createFolder(target.deletingLastPathComponent())
            let descriptor = open(target.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw StorageError.system(path: target.path, call: "open", errno: errno) }
            defer { close(descriptor) }
            var place = 0
            while case let bytes = try StorageError.retrying({ try source.read(piece, at: place) }), !bytes.isEmpty {
                try work.checkGoesOn()
                try bytes.withUnsafeBytes { try AtomicFile.writeAll($0, to: descriptor, path: target.path) }
                place += bytes.count
                guard added(bytes.count) else { throw OutgrownStage() }
            }
        } catch let error as StorageError where error.subject != file.path {
            // Where the stage lies belongs into no record of the slide.
            guard case .system(_, let call, let code) = error else { throw error }
            throw Failure(
                ErrorCode(errno: code),
                slide.text,
                "the folder of --stage (\(call): \(String(cString: strerror(code)))); make room there, or give a smaller --stage-size"
            )
        }
    }
}
