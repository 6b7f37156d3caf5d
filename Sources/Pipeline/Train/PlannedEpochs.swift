import Synchronization

/// Tells once how many epochs all folds will have, when the first fold says how many it has.
final class Planned: Sendable {
    private let folds: Int
    private let progress: ProgressSink
    private let isTold = Mutex(false)

    init(folds: Int, _ progress: @escaping ProgressSink) {
        self.folds = folds
        self.progress = progress
    }

    func tell(_ epochs: Int) {
        let isFirst = isTold.withLock { told in
            defer { told = true }
            return !told
        }
        if isFirst { progress(.planned(amount: epochs * folds, of: "epochs")) }
    }
}
