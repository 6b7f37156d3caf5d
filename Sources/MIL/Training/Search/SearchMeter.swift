import Messages

/// How far the trainings of a fold's candidates are, all together.
struct SearchMeter {
    /// Of each candidate, at most.
    private let epochs: [Int]
    /// Candidates that are trained once more, behind all others.
    private var again: [Int] = []

    init(epochs: [Int]) { self.epochs = epochs }

    private var once: Int { epochs.reduce(0, +) }
    private var total: Int { once + again.map { epochs[$0] }.reduce(0, +) }

    /// Counts the epochs of a candidate that is trained once more; those of one that was expected before once.
    mutating func expect(again index: Int) { if !again.contains(index) { again.append(index) } }

    /// While a candidate is trained.
    func word(_ done: Int, of index: Int) -> TrainProgress {
        TrainProgress(done: epochs[..<index].reduce(0, +) + done, total: total, candidate: index + 1)
    }

    /// When a candidate is on record, also where it has ended early or was on record before.
    func word(after index: Int) -> TrainProgress {
        TrainProgress(done: epochs[...index].reduce(0, +), total: total)
    }

    /// While a candidate is trained once more.
    func word(_ done: Int, again index: Int) -> TrainProgress {
        let before = again.prefix { $0 != index }.map { epochs[$0] }.reduce(0, +)
        return TrainProgress(done: once + before + done, total: total, candidate: index + 1)
    }

    /// When one is chosen, also where none had to be trained once more.
    var whole: TrainProgress { TrainProgress(done: total, total: total) }
}
