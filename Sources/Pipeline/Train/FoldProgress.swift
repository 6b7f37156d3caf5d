import Messages
import Synchronization

/// How far one fold is: tells the epochs since it was last heard of, and each candidate of a search that is trained.
final class FoldProgress: Sendable {
    private let name: String
    /// nil without a search.
    private let candidates: Int?
    private let last = Mutex(TrainProgress(done: 0, total: 0))

    init(_ name: String, candidates: Int?) { (self.name, self.candidates) = (name, candidates) }

    func tell(_ said: TrainProgress, _ progress: ProgressSink) {
        let before = last.withLock { last in
            let before = last
            last = said
            return before
        }
        if let candidates, let candidate = said.candidate, candidate != before.candidate {
            progress(.note("train: \(name): candidate \(candidate) of \(candidates)"))
        }
        if said.done > before.done { progress(.advanced(amount: said.done - before.done, of: "epochs")) }
    }
}
