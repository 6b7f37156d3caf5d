import Files
import Foundation
import Messages
import Records
import Storage
import Synchronization

/// One question to `wsi-compute`.
struct ComputeCall: Sendable {
    var programs: Programs
    /// Killed after this long, and given up where that does not end it; nil waits for ever.
    var timeout: Duration?
    /// For its end once it is killed.
    var patience = Duration.seconds(10)

    /// For a look at the devices: a driver may take half a minute to begin with many, and one that hangs takes for ever.
    static let driverTimeout = Duration.seconds(180)

    /// - Parameter onWord: called with each word that is said on the way, in order.
    /// - Throws: the `Failure` that the program reports.
    func ask<Question: ComputeQuestion>(
        _ question: Question,
        onWord: @escaping @Sendable (Question.Word) -> Void = { _ in }
    ) async throws -> Question.Answer {
        try programs.checkCompute()
        let verb = Question.verb.rawValue
        let answer = Kept<Question.Answer>()
        let child = ChildProcess(executable: programs.compute, arguments: [verb], timeout: timeout)
        let frame = try Frame(.question, question)
        let run: @Sendable () async throws -> ChildProcess.Result = {
            try await child.run(frame) { frame in
                if let word = try? frame.value(Question.Word.self, of: .word) { onWord(word) }
                if let said = try? frame.value(Question.Answer.self, of: .answer) { answer.set(said) }
            }
        }
        let end: ChildProcess.Result
        if let timeout {
            guard let found = try await Patience.value(within: timeout + patience, of: run) else {
                throw ComputeDeath.unending(verb: verb)
            }
            end = found
        } else {
            end = try await run()
        }
        // A program that has said its answer has done its work, however it ended after that.
        if let answer = answer.value { return answer }
        Ending.processWasLost()
        try Task.checkCancellation()
        Ending.processWasLost()
        throw ComputeDeath(verb: verb, end: end).failure
    }
}

/// What a program has said last.
private final class Kept<Value: Sendable>: Sendable {
    private let kept = Mutex<Value?>(nil)

    var value: Value? { kept.withLock { $0 } }

    func set(_ value: Value) { kept.withLock { $0 = value } }
}
