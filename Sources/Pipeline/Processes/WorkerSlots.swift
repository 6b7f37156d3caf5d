/// How many readers run: so many that read, and beside them at most as many that have read their slide and wait for the features of its
/// last patches. Without the latter a device that is quick waits at each slide's end for the next one to be opened.
struct WorkerSlots {
    private let workers: Int
    private let waitingAtMost: Int
    private var reading: Set<Int> = []
    private var waiting: Set<Int> = []
    /// Of those that count as reading the ones that wait as well.
    private var read: [Int] = []
    private var begun = 0

    /// - Parameters:
    ///   - workers: that read at a time.
    ///   - waiting: that may stand beside them.
    init(_ workers: Int, waiting: Int) { (self.workers, waitingAtMost) = (max(1, workers), waiting) }

    var running: Int { reading.count + waiting.count }

    var hasFree: Bool { reading.count < workers }

    /// - Returns: the reader's number.
    mutating func begin() -> Int {
        begun += 1
        reading.insert(begun)
        return begun
    }

    mutating func hasRead(_ number: Int) {
        if reading.contains(number), !read.contains(number) { read.append(number) }
        settle()
    }

    /// Its process was lost, and another one begins with the slide again.
    mutating func readsAgain(_ number: Int) {
        read.removeAll { $0 == number }
        if waiting.remove(number) != nil { reading.insert(number) }
        settle()
    }

    mutating func end(_ number: Int) {
        read.removeAll { $0 == number }
        reading.remove(number)
        waiting.remove(number)
        settle()
    }

    private mutating func settle() {
        while waiting.count < waitingAtMost, !read.isEmpty {
            let number = read.removeFirst()
            reading.remove(number)
            waiting.insert(number)
        }
    }
}
