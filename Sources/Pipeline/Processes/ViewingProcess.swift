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
        var answer: CheckedContinuation<Frame, any Error>
    }

    private let requests: AsyncStream<Request>.Continuation

    /// - Parameter patience: a worker that takes longer for a tile is killed.
    init(_ task: ViewTask, executable: String, memoryLimit: Int, patience: Duration) {
        let (stream, continuation) = AsyncStream.makeStream(of: Request.self)
        requests = continuation
        Task {
            // How the process ends does not matter: whoever waits for an answer that does not come is told.
            var end: any Error = Ended()
            do {
                let request = try await WorkerRequest(task: .view(task), memoryLimit: memoryLimit)
                let first = try Frame.hello + Frame(.question, request).encoded()
                try await ChildStart(program: executable).run { started in
                    try await Self.run(executable, first, stream, patience, started)
                }
            } catch let refusal as Failure where refusal.code == .usage {
                // Of another build: the slide is not to blame.
                end = refusal
            } catch {}
            for await request in stream { request.answer.resume(throwing: end) }
        }
    }

    deinit { requests.finish() }

    /// Ends the worker once it has answered what it was asked.
    func close() { requests.finish() }

    /// - Throws: the worker's `Failure`, or `Ended`.
    func pyramid() async throws -> TilePyramid {
        let frame = try await ask(nil)
        guard let pyramid = try? frame.value(TilePyramid.self, of: .answer) else { throw Ended() }
        return pyramid
    }

    /// JPEG.
    /// - Throws: the worker's `Failure`, or `Ended`.
    func image(_ question: ViewQuestion) async throws -> Data {
        let frame = try await ask(question)
        guard frame.kind == .image else { throw Ended() }
        return frame.content
    }

    private func ask(_ question: ViewQuestion?) async throws -> Frame {
        let frame = try await withCheckedThrowingContinuation { answer in
            if case .terminated = requests.yield(Request(question: question, answer: answer)) {
                answer.resume(throwing: Ended())
            }
        }
        guard frame.kind == .failure else { return frame }
        throw try frame.value(Failure.self, of: .failure)
    }

    private static func run(
        _ executable: String,
        _ first: Data,
        _ stream: AsyncStream<Request>,
        _ patience: Duration,
        _ started: @Sendable () -> Void
    ) async throws {
        let name = URL(filePath: executable).lastPathComponent
        let ended = try await Subprocess.run(
            .path(FilePath(executable)),
            arguments: ["worker"],
            input: .inputWriter,
            output: .sequence,
            error: .discarded
        ) { execution in
            started()
            var answers = Answers(execution.standardOutput.makeAsyncIterator(), of: name)
            func next() async throws -> Frame {
                let timer = Task {
                    try await Task.sleep(for: patience)
                    try? execution.send(signal: .kill)
                }
                defer { timer.cancel() }
                return try await answers.next()
            }
            func serve() async throws {
                _ = try await execution.standardInputWriter.write(first)
                let opened = try await next()
                for await request in stream {
                    guard let question = request.question, opened.kind == .answer else {
                        request.answer.resume(returning: opened)
                        continue
                    }
                    do {
                        _ = try await execution.standardInputWriter.write(Frame(.question, question).encoded())
                        request.answer.resume(returning: try await next())
                    } catch {
                        request.answer.resume(throwing: Ended())
                        throw error
                    }
                }
                try await execution.standardInputWriter.finish()
            }
            // How it ends says more than that it does.
            do { try await serve() } catch let refusal as Failure { throw refusal } catch {}
            return answers.isGreeted
        }
        // One of a build before there were frames knows no such question.
        guard ended.closureResult || ended.terminationStatus != .exited(ExitStatus.usage.rawValue) else {
            throw Frame.otherBuild(name)
        }
    }
}

/// Takes answers out of a worker's stdout.
private struct Answers {
    private var pieces: SubprocessOutputSequence.AsyncIterator
    private var heard: FrameDecoder

    /// Whether the worker has said hello.
    var isGreeted: Bool { heard.isGreeted }

    init(_ pieces: SubprocessOutputSequence.AsyncIterator, of name: String) {
        self.pieces = pieces
        heard = FrameDecoder(from: name, limit: ViewQuestion.longestAnswer, skipsText: true)
    }

    mutating func next() async throws -> Frame {
        while true {
            if let frame = try heard.next() { return frame }
            guard let piece = try await pieces.next() else { throw ViewingProcess.Ended() }
            piece.withUnsafeBytes { heard.add($0) }
        }
    }
}
