import Files
import Foundation
import Messages
import Records
import Storage
import Synchronization

/// One call of `wsi-compute <verb>`.
struct ComputeCall: Sendable {
    var verb: String
    var programs: Programs
    /// Killed after this long; nil waits for ever.
    var timeout: Duration?

    /// - Throws: the `Failure` that the program reports.
    func run(
        _ request: some Encodable,
        onEnd: @escaping @Sendable (SlideEnd) -> Void = { _ in },
        onProgress: @escaping @Sendable (ComputeProgress) -> Void
    ) async throws -> ComputeResult {
        try programs.checkCompute()
        let answer = Mutex<ComputeResult?>(nil)
        let child = ChildProcess(executable: programs.compute, arguments: [verb], timeout: timeout)
        let end = try await child.run(request: CanonicalJSON.line(request)) { line in
            guard let said = try? JSONDecoder().decode(ComputeLine.self, from: Data(line.utf8)) else { return }
            if let progress = said.progress { onProgress(progress) }
            if let slide = said.ended { onEnd(slide) }
            if let result = said.result { answer.withLock { $0 = result } }
        }
        // A program that has said its result has done its work, however it ended after that.
        if let result = answer.withLock({ $0 }) { return result }
        Ending.processWasLost()
        try Task.checkCancellation()
        Ending.processWasLost()
        throw ComputeDeath(verb: verb, end: end).failure
    }
}
