import Config
import Files
import Foundation
import Messages
import Records
import Storage
import Synchronization

/// The one `wsi-compute encode` process of a run: reading workers send it pixels, it writes feature files.
struct EncoderServer: Sendable {
    /// Loading TorchScript runs its own code, which may never end.
    static let loadTimeout = Duration.seconds(600)

    var encoders: [EncodeRequest.Encoder]
    var device: DeviceChoice
    var threads: Int
    var programs: Programs
    var loadTimeout = Self.loadTimeout
    /// Told of what the process says beside its answers.
    var note: @Sendable (String) -> Void = { _ in }
    /// Told of how long it took to load the encoders, and how devices were used.
    var progress: ProgressSink = { _ in }
    /// A process that is lost may take a moment to be gone.
    var patience = Duration.seconds(10)

    /// The process while it runs.
    struct Running: Sendable {
        var socket: String
        fileprivate let end = EndNote()

        /// How it ended; nil where it lives on.
        func death(within patience: Duration) async -> ChildProcess.Result? {
            let start = ContinuousClock.now
            while end.result == nil, ContinuousClock.now - start < patience {
                do { try await Task.sleep(for: .milliseconds(20)) } catch { break }
            }
            return end.result
        }
    }

    /// Starts the server, waits until it has loaded its encoders, runs `work` with it, and ends it.
    func whileRunning<Value>(_ work: (Running) async throws -> Value) async throws -> Value {
        try programs.checkCompute()
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let server = Running(socket: folder.url.appending(path: "pixels").path)
        let request = EncodeRequest(
            encoders: encoders,
            socket: server.socket,
            threads: threads,
            device: device
        )
        let (ready, signal) = AsyncStream.makeStream(of: Bool.self)
        let (stop, workIsDone) = AsyncStream.makeStream(of: Void.self)
        var child = ChildProcess(executable: programs.compute, arguments: [EncodeRequest.verb.rawValue], timeout: nil)
        child.stop = stop
        let question = try Frame(.question, request)
        let running = Task { [child] in
            defer { signal.finish() }
            let result = try await child.run(question) { frame in
                switch try? frame.value(EncodeRequest.Word.self, of: .word) {
                case .ready?: signal.yield(true)
                case .note(let text)?: note(text)
                case .used(let devices)?: progress(.used(devices))
                case nil: break
                }
            }
            server.end.set(result)
            return result
        }
        let deadline = Task {
            try await Task.sleep(for: loadTimeout)
            signal.yield(false)
        }
        var isReady: Bool?
        var watch = Stopwatch()
        for await word in ready {
            isReady = word
            break
        }
        deadline.cancel()
        progress(.loaded(seconds: watch.lap() / .seconds(1)))
        guard let isReady else { throw failure(try await running.value) }
        guard isReady else {
            running.cancel()
            _ = await running.result
            throw Failure(
                .encoder,
                names,
                "not loaded within \(loadTimeout.components.seconds) s; a TorchScript file may loop while it is loaded: "
                    + "export it again with torch.jit.trace"
            )
        }
        // How it ends then does not matter, but it may be at work on a slide whose reader has failed.
        defer { Ending.processWasLost() }
        do {
            let value = try await work(server)
            // How it was used it has said before the last slide was answered, but that may not be heard yet.
            workIsDone.finish()
            let deadline = Deadline(after: patience) { running.cancel() }
            _ = await running.result
            deadline.callOff()
            return value
        } catch {
            running.cancel()
            throw error
        }
    }

    /// The server's own error line, without the program's name, where it ended before it was ready.
    private func failure(_ result: ChildProcess.Result) -> Failure {
        if let said = result.failure { return said }
        let death = ComputeDeath(verb: "encode", end: result)
        if death.isOfMemory || death.wasSent { return death.failure(adding: ", while it loaded the encoder") }
        return Failure(.encoder, names, "the encoder could not be loaded: \(result.lastWords ?? death.words)")
    }

    private var names: String { encoders.map { URL(filePath: $0.manifest).lastPathComponent }.joined(separator: ", ") }
}

/// How a process ended, as soon as that is known.
private final class EndNote: Sendable {
    private let note = Mutex<ChildProcess.Result?>(nil)

    var result: ChildProcess.Result? { note.withLock { $0 } }

    func set(_ result: ChildProcess.Result) { note.withLock { $0 = result } }
}

extension Failure {
    /// Parses `wsi: error[E_CODE] subject: message`, the line that the programs print.
    init?(errorLine line: String) {
        guard let match = line.wholeMatch(of: /(?:wsi: )?error\[(E_[A-Z_]+)\] (.*)/),
            let code = ErrorCode(rawValue: String(match.1))
        else { return nil }
        self.init(code, nil, String(match.2))
    }
}
