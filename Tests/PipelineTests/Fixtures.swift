import Files
import Foundation
import Messages
import TestSupport

extension Scratch {
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
