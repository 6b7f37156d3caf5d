import Foundation
import Testing

/// A `wsi review` that runs as a user runs it.
final class RunningReview: Sendable {
    /// With its token.
    let address: String
    private let process: Process

    /// - Parameter job: its folder.
    init(_ job: URL, flags: [String] = []) throws {
        let programs = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        process = Process()
        process.executableURL = programs.appending(path: "wsi")
        process.arguments = ["review", job.path, "--port", "0"] + flags
        process.standardInput = FileHandle.nullDevice
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        address = line.trimmingCharacters(in: .newlines)
        try #require(address.hasPrefix("http://127.0.0.1:"), "\(line)")
    }

    deinit { kill() }

    /// As a crash or the power would end it.
    func kill() { end(by: SIGKILL) }

    func end(by signal: Int32) {
        guard process.isRunning else { return }
        Glibc.kill(process.processIdentifier, signal)
        process.waitUntilExit()
    }

    /// Processes that it has started.
    var children: [pid_t] {
        let path = "/proc/\(process.processIdentifier)/task"
        let tasks = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return tasks.flatMap { task in
            let text = (try? String(contentsOfFile: "\(path)/\(task)/children", encoding: .utf8)) ?? ""
            return text.split(separator: " ").compactMap { pid_t($0) }
        }
    }

    func client() throws -> Client {
        let url = try #require(URLComponents(string: address))
        return Client(port: try #require(url.port), token: try #require(url.queryItems?.first?.value))
    }
}
