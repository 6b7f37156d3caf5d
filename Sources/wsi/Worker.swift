import Files
import Foundation
import Messages
import Pipeline
import Records
import Storage

/// `wsi worker`: one stage of one slide in a process of its own (internal). Reads one question from stdin, says
/// `WorkerMessage`s on stdout; a worker for viewing then reads and answers more questions.
enum Worker {
    static func main() -> Int32 {
        // Another signal ends a worker at once, as it should: its parent records what happened.
        ParentProcess.leaveTerminalSignalsToIt()
        ParentProcess.takeOnItsNiceness()
        let parent: ParentProcess
        let question: Frame?
        do {
            try ThreadRoom.check(ThreadRoom.ofWorker)
            parent = try ParentProcess()
            question = try parent.next()
        } catch { return end(with: error) }
        guard let request = try? question?.value(WorkerRequest.self, of: .question) else {
            Console.line("wsi worker is started by other commands; it reads its request from stdin")
            return ExitStatus.usage.rawValue
        }
        var limit = rlimit(rlim_cur: rlim_t(request.memoryLimit), rlim_max: rlim_t(request.memoryLimit))
        guard setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0 else { return ExitStatus.bug.rawValue }
        request.tell()
        func say(_ message: WorkerMessage) throws { try parent.send(Frame(.word, message)) }
        do {
            if case .view(let task) = request.task {
                try task.serve(next: parent.next, answer: parent.send)
                return ExitStatus.ok.rawValue
            }
            ParentProcess.watch()
            var times = WorkTimes()
            let outcomes = try run(request.task, &times, say)
            try say(.spent(times, peakMemory: peakMemory))
            for outcome in outcomes { try say(.outcome(outcome)) }
            return ExitStatus.ok.rawValue
        } catch let lost as EncoderLost {
            try? say(.encoderLost(lost.failure))
            return ExitStatus.ok.rawValue
        } catch { return end(with: error, isMet: true) }
    }

    /// What the machine refuses to the whole process says nothing of the slide, nor does a parent of another build; all else would
    /// be in its outcome.
    /// - Parameter isMet: whether the parent has said hello, so that a refusal is no other build's.
    private static func end(with error: any Error, isMet: Bool = false) -> Int32 {
        let failure = Failure(error)
        Console.error(failure)
        let status: ExitStatus =
            failure.code.isOfMachine ? .temporary : failure.code == .usage && !isMet ? .usage : .bug
        return status.rawValue
    }

    private static func run(
        _ task: WorkerTask,
        _ times: inout WorkTimes,
        _ say: (WorkerMessage) throws -> Void
    ) throws -> [Outcome] {
        switch task {
        case .view: throw Failure(.bug, nil, "a viewing worker has no outcome")
        case .tile(let task): [try task.outcome(version: wsiVersion, times: &times)]
        case .features(let task):
            try task.outcomes(version: wsiVersion, times: &times) { word in try? say(word) }
        case .heatmap(let task): [try task.outcome(times: &times)]
        case .survey(let task): [try task.outcome(times: &times)]
        }
    }

    /// Resident bytes; 0 where the system does not tell.
    private static var peakMemory: Int {
        var usage = rusage()
        return getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 ? usage.ru_maxrss << 10 : 0
    }
}
