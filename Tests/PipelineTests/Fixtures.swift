import Files
import Foundation
import Messages
import Storage

/// A folder that goes away with the test.
final class Scratch: Sendable {
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "wsi-pipeline-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func file(_ name: String) -> URL { folder.appending(path: name) }

    /// Writes a small file, with its folders.
    @discardableResult
    func add(_ name: String, _ text: String = "x") throws -> URL {
        try AtomicFile.write(text, to: file(name))
        return file(name)
    }

    /// What a program says: its hello, then these. A script says it with `cat`.
    @discardableResult
    func add(_ name: String, frames: Frame...) throws -> URL {
        try AtomicFile.write(try frames.reduce(Frame.hello) { try $0 + $1.encoded() }, to: file(name))
        return file(name)
    }

    /// A program that `/bin/sh` runs.
    func program(_ name: String, _ script: String) throws -> String {
        let url = try add(name, "#!/bin/sh\n" + script + "\n")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: url.path)
        return url.path
    }
}
