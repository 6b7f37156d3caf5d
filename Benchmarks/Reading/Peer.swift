import Files
import Foundation
import Records

/// A Python library that reads the same patches in a process of its own, one pass for each line it is sent.
final class Peer: Contestant {
    let name: String
    /// As its library states it.
    let version: String
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    /// nil where the library is not installed.
    init?(_ name: String, python: String, script: String, path: String, grid: PatchGrid) throws {
        self.name = name
        process.executableURL = URL(filePath: python)
        process.arguments = [script, name]
        process.standardInput = input
        process.standardOutput = output
        let corners = grid.corners.map { [$0.x, $0.y] }
        let task = try JSONSerialization.data(
            withJSONObject: ["path": path, "corners": corners, "side": grid.geometry.sideAtLevel] as [String: Any]
        )
        guard FileManager.default.isExecutableFile(atPath: python) else { return nil }
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: task + Data("\n".utf8))
        guard let first = Self.line(output.fileHandleForReading), first != "missing" else { return nil }
        version = first
    }

    deinit {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    func pass() throws -> Double {
        try input.fileHandleForWriting.write(contentsOf: Data("pass\n".utf8))
        guard let seconds = Self.line(output.fileHandleForReading).flatMap({ Double($0) }) else {
            throw BenchmarkError("\(name) ended early")
        }
        return seconds
    }

    private static func line(_ file: FileHandle) -> String? {
        var bytes: [UInt8] = []
        while let byte = (try? file.read(upToCount: 1))?.first {
            if byte == UInt8(ascii: "\n") { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(byte)
        }
        return nil
    }
}
