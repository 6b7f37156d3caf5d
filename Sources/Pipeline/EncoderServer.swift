import Foundation
import Records
import Storage

/// The one `wsi-compute encode` process of a run: reading workers send it pixels, it writes feature files.
struct EncoderServer: Sendable {
    /// Loading TorchScript runs its own code, which may never end.
    static let loadTimeout = Duration.seconds(600)

    var encoders: [EncodeRequest.Encoder]
    var device: String
    var threads: Int
    var programs: Programs
    var loadTimeout = Self.loadTimeout

    /// Starts the server, waits until it has loaded its encoders, runs `work` with its socket, and ends it.
    func whileRunning(_ work: (String) async throws -> Void) async throws {
        try programs.checkCompute()
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let socket = folder.url.appending(path: "pixels").path
        let request = EncodeRequest(
            encoders: encoders,
            socket: socket,
            threads: threads,
            device: device
        )
        let (ready, signal) = AsyncStream.makeStream(of: Bool.self)
        let child = ChildProcess(executable: programs.compute, arguments: ["encode"], timeout: nil)
        let line = try CanonicalJSON.line(request)
        let running = Task {
            defer { signal.finish() }
            return try await child.run(request: line) { text in if text == "ready" { signal.yield(true) } }
        }
        let deadline = Task {
            try await Task.sleep(for: loadTimeout)
            signal.yield(false)
        }
        var isReady: Bool?
        for await word in ready {
            isReady = word
            break
        }
        deadline.cancel()
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
        do {
            try await work(socket)
        } catch {
            Ending.processWasLost()
            running.cancel()
            throw error
        }
        // The server never ends by itself; how it ends now does not matter.
        running.cancel()
        _ = await running.result
    }

    /// The server's own error line, without the program's name, where it ended before it was ready.
    private func failure(_ result: ChildProcess.Result) -> Failure {
        let last = result.errorText.split(separator: "\n").last.map(String.init) ?? "it ended without a word"
        guard let parsed = Failure(errorLine: last) else {
            return Failure(.encoder, names, "the encoder could not be loaded: \(last)")
        }
        return parsed
    }

    private var names: String { encoders.map { URL(filePath: $0.manifest).lastPathComponent }.joined(separator: ", ") }
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
