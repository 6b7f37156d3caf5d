import CProcess
import Files
import Foundation
import Messages
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
        /// The most resident bytes that it had; nil where the system does not tell.
        var peakMemory: Int?
    }

    var executable: String
    var arguments: [String]
    /// Killed after this long; nil waits for ever.
    var timeout: Duration?
    /// Beside the variables of this process.
    var environment: [String: String] = [:]

    /// - Parameter onLine: called with each line of stdout, in order.
    /// - Throws: `Failure` where the child could not be started.
    func run(request: Data, onLine: @escaping @Sendable (String) async -> Void) async throws -> Result {
        await Temporaries.holdTaskIfClosed()
        let line = request + Data("\n".utf8)
        let result = try await ChildStart(program: executable).run { started in
            try await run(line, onLine, started)
        }
        await Ending.settle(result.end)
        return result
    }

    private func run(
        _ line: Data,
        _ onLine: @Sendable (String) async -> Void,
        _ started: @Sendable () -> Void
    ) async throws -> Result {
        var options = PlatformOptions()
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .milliseconds(500))]
        await Temporaries.holdTaskIfClosed()
        let timeout = timeout
        do {
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
                started()
                let deadline = timeout.map { Deadline(after: $0) { try? execution.send(signal: .kill) } }
                defer { deadline?.callOff() }
                async let errors = Self.tail(execution.standardError)
                // A child that dies before it has read its request breaks the pipe; how it ended says why.
                // One that lives and has not got all of it must not wait for the rest.
                do { _ = try await execution.standardInputWriter.write(line) } catch {
                    try? await execution.standardInputWriter.finish()
                }
                // A result names every slide of a cohort, so no length is too long; and other line breaks may stand in JSON.
                let lines = execution.standardOutput.strings(
                    separatedBy: .unicodeScalarSequence(["\n"]),
                    bufferingPolicy: .unbounded
                )
                for try await text in lines { await onLine(text) }
                let errorText = try await errors
                // A child that has said all may still wait for the end of its stdin.
                try? await execution.standardInputWriter.finish()
                let peakMemory = try await Self.peakMemory(of: execution.processIdentifier.value)
                let expired = deadline?.callOff() ?? false
                return Result(end: expired ? .timedOut : .exited(0), errorText: errorText, peakMemory: peakMemory)
            }
            var said = result.closureResult
            switch result.terminationStatus {
            case _ where said.end == .timedOut: break
            case .exited(let code): said.end = .exited(Int32(code))
            case .signaled(let signal): said.end = .signalled(Int32(signal))
            }
            await Ending.settle(said.end)
            return said
        } catch let error as SubprocessError { throw ChildStart.Refused(error, program: executable) }
    }

    /// Waits for the child's end, and asks what it had while the system still knows.
    private static func peakMemory(of child: pid_t) async throws -> Int? {
        var kilobytes = 0
        while true {
            switch child_peak(child, &kilobytes) {
            case 0: try await Task.sleep(for: .milliseconds(2))
            case 1: return kilobytes << 10
            default: return nil
            }
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
