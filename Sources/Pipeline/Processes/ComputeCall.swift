import Files
import Foundation
import Messages
import Records
import Storage
import Synchronization

/// One question to `wsi-compute`.
struct ComputeCall: Sendable {
    var programs: Programs
    /// Killed after this long; nil waits for ever.
    var timeout: Duration?

    /// - Parameter onWord: called with each word that is said on the way, in order.
    /// - Throws: the `Failure` that the program reports.
    func ask<Question: ComputeQuestion>(
        _ question: Question,
        onWord: @escaping @Sendable (Question.Word) -> Void = { _ in }
    ) async throws -> Question.Answer {
        try programs.checkCompute()
        let verb = Question.verb.rawValue
        let answer = Mutex<Question.Answer?>(nil)
        let child = ChildProcess(executable: programs.compute, arguments: [verb], timeout: timeout)
        let end = try await child.run(Frame(.question, question)) { frame in
            if let word = try? frame.value(Question.Word.self, of: .word) { onWord(word) }
            if let said = try? frame.value(Question.Answer.self, of: .answer) { answer.withLock { $0 = said } }
        }
        // A program that has said its answer has done its work, however it ended after that.
        if let answer = answer.withLock({ $0 }) { return answer }
        Ending.processWasLost()
        try Task.checkCancellation()
        Ending.processWasLost()
        throw ComputeDeath(verb: verb, end: end).failure
    }
}
