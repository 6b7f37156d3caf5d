import Synchronization

/// Tells how many epochs all folds will have at most, as far as the folds have said how many they have; a fold that begins anew says more.
final class Planned: Sendable {
    private let folds: Int
    private let progress: ProgressSink
    /// Of each fold that has said how many it has.
    private let totals = Mutex<[String: Int]>([:])

    init(folds: Int, _ progress: @escaping ProgressSink) {
        self.folds = folds
        self.progress = progress
    }

    /// - Parameter epochs: of the fold; others that have said nothing yet are taken to have as many as the one with the fewest.
    func tell(_ epochs: Int, of fold: String) {
        let all = totals.withLock { totals -> Int? in
            guard totals.updateValue(epochs, forKey: fold) != epochs else { return nil }
            let silent = max(0, folds - totals.count)
            return totals.values.reduce(0, +) + silent * (totals.values.min() ?? 0)
        }
        if let all { progress(.planned(amount: all, of: "epochs")) }
    }
}
