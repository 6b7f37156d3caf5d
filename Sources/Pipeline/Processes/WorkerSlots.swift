/// How many readers run: so many that read, and beside them at most as many that have read their slide and wait for the features of its
/// last patches. Without the latter a device that is quick waits at each slide's end for the next one to be opened.
struct WorkerSlots {
    private let workers: Int
    private let waitingAtMost: Int
    private var reading: Set<Int> = []
    private var waiting: Set<Int> = []
    private var begun = 0

    /// - Parameter isAlone: whether no reader stands beside one that waits.
    init(_ workers: Int, isAlone: Bool) {
        self.workers = max(1, workers)
        waitingAtMost = isAlone ? 0 : self.workers
    }

    var running: Int { reading.count + waiting.count }

    var hasFree: Bool { reading.count < workers }

    /// - Returns: the reader's number.
    mutating func begin() -> Int {
        begun += 1
        reading.insert(begun)
        return begun
    }

    mutating func hasRead(_ number: Int) {
        guard waiting.count < waitingAtMost, reading.remove(number) != nil else { return }
        waiting.insert(number)
    }

    mutating func end(_ number: Int) {
        reading.remove(number)
        waiting.remove(number)
    }
}
