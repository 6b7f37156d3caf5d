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

/// A child that gets one question in a frame on stdin, answers in frames on stdout, and ends.
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
    /// When this ends its stdin does, and it is heard to its end; nil: its stdin ends with it.
    var stop: AsyncStream<Void>?
    /// Of another's program, which may start more: it has a session of its own, nothing of which outlives it. So none of them
    /// asks a terminal either.
    var hasSession = false

    /// - Parameter onFrame: called with each frame that it says, in order.
    /// - Throws: `Failure` where the child could not be started, or is of another build.
    func run(_ question: Frame, onFrame: @escaping @Sendable (Frame) async -> Void) async throws -> Result {
        let (ended, heard) = try await run(Frame.hello + question.encoded()) { pieces, endInput in
            try await hear(pieces, onFrame, endInput: endInput)
        }
        // One of a build before there were frames knows no such question.
        if !heard.isGreeted, ended.end == .exited(ExitStatus.usage.rawValue) { throw Frame.otherBuild(name) }
        var result = ended
        if let fault = heard.fault, ended.failure == nil {
            result.errorText += result.errorText.isEmpty ? fault : "\n\(fault)"
        }
        return result
    }

    /// Of a program of the system, which is asked nothing: all that it prints.
    func output() async throws -> (result: Result, text: String) {
        let (result, bytes) = try await run(Data("\n".utf8)) { pieces, _ in
            var bytes: [UInt8] = []
            for try await piece in pieces { piece.withUnsafeBytes { bytes.append(contentsOf: $0) } }
            return bytes
        }
        return (result, String(decoding: bytes, as: UTF8.self))
    }

    /// Of another's program, which is asked nothing and may print what it likes.
    func silent() async throws -> Result {
        var child = self
        child.hasSession = true
        return try await child.run(Data()) { pieces, endInput in
            await endInput()
            for try await _ in pieces {}
        }
        .0
    }

    /// Hears its stdout to the end; the second argument ends its stdin.
    private typealias Ear<Heard> = @Sendable (SubprocessOutputSequence, () async -> Void) async throws -> Heard

    private func run<Heard: Sendable>(_ input: Data, hear: @escaping Ear<Heard>) async throws -> (Result, Heard) {
        await Temporaries.holdTaskIfClosed()
        let ended = try await ChildStart(program: executable).run { started in
            try await run(input, hear, started)
        }
        await Ending.settle(ended.0.end)
        return ended
    }

    private func run<Heard: Sendable>(
        _ input: Data,
        _ hear: Ear<Heard>,
        _ started: @Sendable () -> Void
    ) async throws -> (Result, Heard) {
        var options = PlatformOptions()
        options.createSession = hasSession
        // A session has its own end, which is a second away.
        let grace = hasSession ? Duration.seconds(2) : .milliseconds(500)
        options.teardownSequence = [
            .gracefulShutDown(toProcessGroup: hasSession, allowedDurationToNextStep: grace)
        ]
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
                return try await whole(execution.processIdentifier.value) {
                    let deadline = timeout.map { Deadline(after: $0) { try? execution.send(signal: .kill) } }
                    defer { deadline?.callOff() }
                    let (writer, stop) = (execution.standardInputWriter, stop)
                    let stopping = Task {
                        guard let stop else { return }
                        for await _ in stop {}
                        if !Task.isCancelled { try? await writer.finish() }
                    }
                    defer { stopping.cancel() }
                    async let errors = Self.tail(execution.standardError)
                    // A child that dies before it has read its question breaks the pipe; how it ended says why.
                    // One that lives and has not got all of it must not wait for the rest.
                    do { _ = try await execution.standardInputWriter.write(input) } catch {
                        try? await execution.standardInputWriter.finish()
                    }
                    let heard: Heard
                    do {
                        heard = try await hear(execution.standardOutput) {
                            try? await execution.standardInputWriter.finish()
                        }
                    } catch let refusal as Failure {
                        try? execution.send(signal: .kill)
                        throw refusal
                    }
                    let errorText = try await errors
                    // A child that has said all may still wait for the end of its stdin.
                    try? await execution.standardInputWriter.finish()
                    let peakMemory = try await Self.peakMemory(of: execution.processIdentifier.value)
                    let expired = deadline?.callOff() ?? false
                    let end = expired ? End.timedOut : .exited(0)
                    let result = Result(end: end, errorText: errorText, peakMemory: peakMemory)
                    return (result, heard)
                }
            }
            let heard = result.closureResult.1
            var said = result.closureResult.0
            switch result.terminationStatus {
            case _ where said.end == .timedOut: break
            case .exited(let code): said.end = .exited(Int32(code))
            case .signaled(let signal): said.end = .signalled(Int32(signal))
            }
            await Ending.settle(said.end)
            return (said, heard)
        } catch let error as SubprocessError { throw ChildStart.Refused(error, program: executable) }
    }

    /// Lets nothing of a child's session outlive it; while `work` lasts and until this ends, the child is not reaped.
    private func whole<Value>(_ child: pid_t, _ work: () async throws -> Value) async throws -> Value {
        guard hasSession else { return try await work() }
        let value: Swift.Result<Value, any Error>
        do { value = .success(try await work()) } catch { value = .failure(error) }
        try? await BlockingWork.run { _ in ChildProcesses.end(session: child) }
        return try value.get()
    }

    private var name: String { URL(filePath: executable).lastPathComponent }

    /// Hands on what the child says, until it says no more. After something that is no frame nothing can be understood any more: it
    /// is to end, and what it says in the meantime is let go.
    /// - Returns: what was wrong with it, in words; whether it has said hello.
    /// - Throws: `Failure` where it is of another build.
    private func hear(
        _ pieces: SubprocessOutputSequence,
        _ onFrame: @Sendable (Frame) async -> Void,
        endInput: () async -> Void
    ) async throws -> (fault: String?, isGreeted: Bool) {
        var decoder = FrameDecoder(from: name, skipsText: true)
        var fault: String?
        for try await piece in pieces where fault == nil {
            piece.withUnsafeBytes { decoder.add($0) }
            do { while let frame = try decoder.next() { await onFrame(frame) } } catch let error as StorageError {
                fault = "its answers: \(error.message)"
                await endInput()
            }
        }
        return (fault, decoder.isGreeted)
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
    /// - Throws: `Failure` where the system does not tell which that is.
    public static func installed() throws -> Programs {
        guard let own = Installation.current?.executable else {
            throw Failure(.notFound, "/proc/self/exe", "the program does not find itself; mount /proc")
        }
        let compute = URL(filePath: own).deletingLastPathComponent().appending(path: "wsi-compute").path
        return Programs(wsi: own, compute: compute)
    }

    func checkCompute() throws {
        guard FileManager.default.isExecutableFile(atPath: compute) else {
            throw Failure(.notFound, compute, "the program wsi-compute is not beside wsi; install both in one folder")
        }
    }
}
