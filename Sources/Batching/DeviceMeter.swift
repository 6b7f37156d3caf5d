/// Adds up how long a device computes, by the beginnings and ends of its batches. It knows no clock.
struct DeviceMeter {
    /// Batches that the device can compute beside each other.
    private let parallel: Int
    private var active = 0
    private var first: Duration?
    /// When a batch last began or ended.
    private var last = Duration.zero
    private var busy = Duration.zero
    private(set) var patches = 0
    /// Rows of zeros that were computed beside them.
    private(set) var padding = 0
    /// Patches of the last batch that began.
    private(set) var batch = 0
    /// From the first beginning to the last end, and how much of it was busy.
    private(set) var spent = (time: Duration.zero, busy: Duration.zero)

    init(parallel: Int) { self.parallel = max(1, parallel) }

    mutating func begin(batch: Int, at now: Duration) {
        pass(now)
        first = first ?? now
        active += 1
        self.batch = batch
    }

    /// - Parameters:
    ///   - patches: that were computed; 0 where the batch failed.
    ///   - padding: rows that filled the batch up.
    mutating func end(_ patches: Int, padding: Int = 0, at now: Duration) {
        pass(now)
        active -= 1
        self.patches += patches
        self.padding += padding
        spent = (now - (first ?? now), busy)
    }

    private mutating func pass(_ now: Duration) {
        busy += (now - last) * min(active, parallel) / parallel
        last = now
    }
}
