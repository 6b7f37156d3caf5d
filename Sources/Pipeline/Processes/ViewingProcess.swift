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

/// A `wsi worker` that has one slide open and cuts its tiles, one after the other, in the order in which they are asked for.
final class ViewingProcess: Sendable {
    /// The process is gone, or was ended because it gave no answer.
    struct Ended: Error {}

    private struct Request: Sendable {
        /// nil asks for nothing but the first answer.
        var question: ViewQuestion?
        var answer: CheckedContinuation<ViewReply, any Error>
    }

    private let requests: AsyncStream<Request>.Continuation

    /// - Parameter patience: a worker that takes longer for a tile is killed.
    init(slidePath: String, executable: String, memoryLimit: Int, patience: Duration) throws {
        let (stream, continuation) = AsyncStream.makeStream(of: Request.self)
        requests = continuation
        let request = WorkerRequest(task: .view(ViewTask(slidePath: slidePath)), memoryLimit: memoryLimit)
        let first = try CanonicalJSON.line(request) + Data("\n".utf8)
        Task {
            // How the process ends does not matter: whoever waits for an answer that does not come is told.
            try? await ChildStart(program: executable).run { started in
                try await Self.run(executable, first, stream, patience, started)
            }
            for await request in stream { request.answer.resume(throwing: Ended()) }
        }
    }

    deinit { requests.finish() }

    /// Ends the worker once it has answered what it was asked.
    func close() { requests.finish() }

    /// - Throws: the worker's `Failure`, or `Ended`.
    func pyramid() async throws -> TilePyramid {
        guard case .pyramid(let json) = try await ask(nil) else { throw Ended() }
        return try JSONDecoder().decode(TilePyramid.self, from: json)
    }

    /// JPEG.
    /// - Throws: the worker's `Failure`, or `Ended`.
    func image(_ question: ViewQuestion) async throws -> Data {
        guard case .tile(let jpeg) = try await ask(question) else { throw Ended() }
        return jpeg
    }

    private func ask(_ question: ViewQuestion?) async throws -> ViewReply {
        let reply = try await withCheckedThrowingContinuation { answer in
            if case .terminated = requests.yield(Request(question: question, answer: answer)) {
                answer.resume(throwing: Ended())
            }
        }
        guard case .failure(let json) = reply else { return reply }
        throw try JSONDecoder().decode(Failure.self, from: json)
    }

    private static func run(
        _ executable: String,
        _ first: Data,
        _ stream: AsyncStream<Request>,
        _ patience: Duration,
        _ started: @Sendable () -> Void
    ) async throws {
        _ = try await Subprocess.run(
            .path(FilePath(executable)),
            arguments: ["worker"],
            input: .inputWriter,
            output: .sequence,
            error: .discarded
        ) { execution in
            started()
            var replies = Replies(execution.standardOutput.makeAsyncIterator())
            func next() async throws -> ViewReply {
                let timer = Task {
                    try await Task.sleep(for: patience)
                    try? execution.send(signal: .kill)
                }
                defer { timer.cancel() }
                return try await replies.next()
            }
            _ = try await execution.standardInputWriter.write(first)
            let opened = try await next()
            for await request in stream {
                guard let question = request.question, case .pyramid = opened else {
                    request.answer.resume(returning: opened)
                    continue
                }
                do {
                    let line = try CanonicalJSON.line(question) + Data("\n".utf8)
                    _ = try await execution.standardInputWriter.write(line)
                    request.answer.resume(returning: try await next())
                } catch {
                    request.answer.resume(throwing: Ended())
                    throw error
                }
            }
            try await execution.standardInputWriter.finish()
        }
    }
}

/// Takes answers out of a worker's stdout.
private struct Replies {
    private var pieces: SubprocessOutputSequence.AsyncIterator
    private var bytes: [UInt8] = []

    init(_ pieces: SubprocessOutputSequence.AsyncIterator) { self.pieces = pieces }

    mutating func next() async throws -> ViewReply {
        try await fill(ViewReply.headLength)
        let length = ViewReply.length(ofHead: bytes.prefix(ViewReply.headLength))
        guard length <= ViewReply.largest else { throw ViewingProcess.Ended() }
        let kind = bytes[0]
        try await fill(ViewReply.headLength + length)
        let content = Data(bytes[ViewReply.headLength..<ViewReply.headLength + length])
        bytes.removeFirst(ViewReply.headLength + length)
        guard let reply = ViewReply(kind: kind, content) else { throw ViewingProcess.Ended() }
        return reply
    }

    private mutating func fill(_ count: Int) async throws {
        while bytes.count < count {
            guard let piece = try await pieces.next() else { throw ViewingProcess.Ended() }
            piece.withUnsafeBytes { bytes.append(contentsOf: $0) }
        }
    }
}
