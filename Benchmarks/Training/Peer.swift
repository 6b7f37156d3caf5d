import Foundation
import Torch

/// The eager PyTorch version of a model in a process of its own, one request and one answer a line.
final class Peer {
    struct Failed: Error, CustomStringConvertible { let description: String }

    private struct Answer: Decodable {
        var seconds: Double?
        var peak: Double?
    }

    private let process = Process()
    private let requests = Pipe()
    private let answers = Pipe()
    private var unread = Data()

    /// - Throws: where Python cannot be started: without the peer there is nothing to compare with.
    init(python: String, program: String) throws {
        process.executableURL = URL(filePath: python)
        process.arguments = [program]
        var environment = ProcessInfo.processInfo.environment
        environment["OMP_NUM_THREADS"] = "1"
        // Ours, by which it would choose otherwise than it does by itself.
        environment["CUBLAS_WORKSPACE_CONFIG"] = nil
        process.environment = environment
        process.standardInput = requests
        process.standardOutput = answers
        do { try process.run() } catch { throw Failed(description: "the peer \(python) does not start: \(error)") }
    }

    func prepare(_ model: String, _ size: BagSize, on device: Device) throws {
        _ = try ask("prepare \(model) \(size.count) \(size.width) \(device)")
    }

    /// CPU seconds of a training step or an inference; on a GPU those of the clock.
    func seconds(_ what: String) throws -> Double { try ask(what).seconds ?? .nan }

    /// Megabytes that one needs above what is held.
    func peak(_ what: String) throws -> Double { try ask("peak \(what)").peak ?? .nan }

    func finish() {
        try? requests.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    private func ask(_ request: String) throws -> Answer {
        try requests.fileHandleForWriting.write(contentsOf: Data("\(request)\n".utf8))
        while true {
            if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
                let line = unread[..<end]
                unread = Data(unread[(end + 1)...])
                return try JSONDecoder().decode(Answer.self, from: line)
            }
            let more = answers.fileHandleForReading.availableData
            guard !more.isEmpty else {
                throw Failed(description: "the peer ended at '\(request)'; its errors are above")
            }
            unread += more
        }
    }
}
