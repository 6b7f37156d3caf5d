import Foundation
import Records
import Storage
import Subprocess

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// A child that gets one JSON request as a line on stdin, answers in JSON lines on stdout, and ends.
///
/// Its stdin stays open until it ends: a child that sees end-of-file there knows that its parent is gone.
struct ChildProcess {
    enum End: Equatable, Sendable {
        case exited(Int32)
        case signalled(Int32)
        case timedOut
    }

    struct Result: Sendable {
        var end: End
        /// The last lines that the child wrote to stderr.
        var errorText: String
    }

    var executable: String
    var arguments: [String]
    /// Killed after this long; nil waits for ever.
    var timeout: Duration?
    /// Beside the variables of this process.
    var environment: [String: String] = [:]

    /// - Parameter onLine: called with each line of stdout, in order.
    func run(request: Data, onLine: @escaping @Sendable (String) async -> Void) async throws -> Result {
        var options = PlatformOptions()
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .milliseconds(500))]
        let timeout = timeout
        let line = request + Data("\n".utf8)
        let result = try await Subprocess.run(
            .path(FilePath(executable)),
            arguments: Arguments(arguments),
            environment: .inherit.updating(
                Dictionary(
                    uniqueKeysWithValues: environment.merging(JobFence.environment) { own, _ in own }.map {
                        (Environment.Key(stringLiteral: $0), $1)
                    }
                )
            ),
            platformOptions: options,
            input: .inputWriter,
            output: .sequence,
            error: .sequence
        ) { execution in
            let timer = Task {
                guard let timeout else { return false }
                try await Task.sleep(for: timeout)
                try? execution.send(signal: .kill)
                return true
            }
            async let errors = Self.tail(execution.standardError)
            // A child that dies before it has read its request breaks the pipe; how it ended says why.
            _ = try? await execution.standardInputWriter.write(line)
            // A result names every slide of a cohort, so no length is too long; and other line breaks may stand in JSON.
            let lines = execution.standardOutput.strings(
                separatedBy: .unicodeScalarSequence(["\n"]),
                bufferingPolicy: .unbounded
            )
            for try await text in lines { await onLine(text) }
            timer.cancel()
            let expired = (try? await timer.value) ?? false
            return (expired, try await errors)
        }
        let (expired, errors) = result.closureResult
        if expired { return Result(end: .timedOut, errorText: errors) }
        switch result.terminationStatus {
        case .exited(let code): return Result(end: .exited(Int32(code)), errorText: errors)
        case .signaled(let signal): return Result(end: .signalled(Int32(signal)), errorText: errors)
        }
    }

    /// More than an error may be long, in whatever letters it is written; its last line stays whole.
    private static let longestTail = 32_768

    private static func tail(_ stream: SubprocessOutputSequence) async throws -> String {
        var bytes: [UInt8] = []
        for try await piece in stream {
            piece.withUnsafeBytes { bytes.append(contentsOf: $0) }
            if bytes.count > 2 * longestTail { bytes.removeFirst(bytes.count - longestTail) }
        }
        return String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}

/// The programs of the installation: `wsi` itself and `wsi-compute` beside it.
public struct Programs: Sendable {
    public var wsi: String
    public var compute: String

    public init(wsi: String, compute: String) {
        self.wsi = wsi
        self.compute = compute
    }

    /// Those of the running executable.
    /// - Throws: `Failure` where `wsi-compute` is not beside it.
    public static func installed() throws -> Programs {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let compute = URL(filePath: own).deletingLastPathComponent().appending(path: "wsi-compute").path
        return Programs(wsi: own, compute: compute)
    }

    func checkCompute() throws {
        guard FileManager.default.isExecutableFile(atPath: compute) else {
            throw Failure(.notFound, compute, "the program wsi-compute is not beside wsi; install both in one folder")
        }
    }
}
